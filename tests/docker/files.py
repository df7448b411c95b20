"""What lies in `docker/`, read: the instructions of the image, the services, what they are told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OWN = ("gridstrata", "tokens", "demo")
"""The services that run our image."""
EXACT = re.compile(r"[\w/]+:\d+\.\d+\.\d+(-[\w.-]+)?")
"""An image with an exact version."""


class Instruction(NamedTuple):
    """An instruction of a Dockerfile: its word, what follows, and which stage it is of."""

    word: str
    rest: str
    stage: int


def instructions() -> list[Instruction]:
    """The instructions of the image, lines joined, comments left out."""
    text = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    found, stage = [], -1
    for line in filter(str.strip, joined.splitlines()):
        word, rest = line.split(maxsplit=1)
        stage += word == "FROM"
        found.append(Instruction(word, " ".join(rest.split()), stage))
    return found


def volumes_of(service: str) -> list[tuple[str, str]]:
    """(what is mounted, where) of a service."""
    return [tuple(one.split(":")[:2]) for one in SERVICES[service].get("volumes", ())]
