"""Runs what the documentation shows, and compares what comes out with what is printed there.

A page says in a comment what its examples start from, and they run in order in one empty folder:

    <!-- runs: nothing -->   an empty folder
    <!-- runs: town -->      a small town in `town/`, imported as model set `town`, with its
                             readings and events
    <!-- runs: demo -->      the data folder that `gridstrata demo` leaves

| block | what is done |
|---|---|
| ```console | each line behind `$ ` is run, the lines below it are what it prints |
| ```graphql | asked of the data folder, with the block ```json variables below it |
| ```json answer | what the query above answers; "..." stands for what is left out |
| ```python | run; a block ```text output below it is what it prints |
| ```csv file=NAME | written into the folder |

A line `...` stands for any number of lines. Seconds, tokens, ids of imports and instants that are
not of the town's January are not compared. `gridstrata serve ... &` is started on a free port, and
http://127.0.0.1:8000 means that server from there on. An id of an import means the one printed
last, and the folder is shown as /home/you. A command may fail where it prints an error. A block
below `<!-- not run: REASON -->` is not run.

`python -m tests.docs.examples PAGE` replaces outputs that consist of a `?` by real ones.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from graph_service import bootstrap
from graph_service.api.schema import execute
from graph_service.cli import main
from graph_service.services.access import OPEN_CALLER
from graph_service.services.house import Services
from graph_service.settings import Settings

ROOT = Path(__file__).parents[2]
DATA = "gridstrata-data"
ADDRESS = "127.0.0.1:8000"
RUNNABLE = ("console", "graphql", "python", "sh", "bash", "shell")
ASK = "?"
LINE = 96
HOME = "/home/you"

_FENCE = re.compile(r"^```(\w*)\s*(.*)$")
_NOT_RUN = re.compile(r"<!-- not run: (.+) -->")
_RUNS = re.compile(r"<!-- runs: (\w+) -->")
_IMPORT_ID = re.compile(r"\b\d{8}T\d{12}-[0-9a-f]{6}\b")
_LOOSE = (
    (re.compile(r"\d+\.\d+ s\b"), "N s"),
    (re.compile(r'"seconds": [\d.e-]+'), '"seconds": N'),
    (re.compile(r"gs_[\w-]{20,}"), "gs_TOKEN"),
    (_IMPORT_ID, "IMPORT"),
    (re.compile(r"\b(?!2026-01)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)"), "INSTANT"),
    (re.compile(r"127\.0\.0\.1:\d+"), ADDRESS),
    (re.compile(r"[ \t]+(?=\n|$)"), ""),
)


@dataclass
class Block:
    """A fenced block: language, the rest of its first line, its text, where it stands."""

    language: str
    info: str
    text: str
    line: int
    reason: str = ""

    @property
    def is_run(self) -> bool:
        return self.language in RUNNABLE and not self.reason


def pages() -> list[Path]:
    """README and every page of the documentation."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found: list[Block] = []
    opened: Block | None = None
    reason = ""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        fence = _FENCE.match(line)
        if opened is None and fence:
            opened, reason = Block(fence[1], fence[2], "", number, reason), ""
        elif opened is not None and line == "```":
            found.append(opened)
            opened = None
        elif opened is not None:
            opened.text += line + "\n"
        elif given := _NOT_RUN.search(line):
            reason = given[1]
    return found


def start_of(page: Path) -> str:
    """What the examples of a page start from; empty where it does not say."""
    found = _RUNS.search(page.read_text(encoding="utf-8"))
    return found[1] if found else ""


def make_start(name: str, folder: Path) -> None:
    """Fill a folder as a page wants it."""
    settings = Settings(data=folder / DATA)
    if name == "town":
        bootstrap.generate_town(folder / "town", meters=60, seed=3, days=2)
        with bootstrap.open_services(settings) as house:
            house.imports.take([folder / "town"], OPEN_CALLER, into="town")
            for file in ("readings.csv", "events.jsonl"):
                house.intake.load(folder / "town" / file, OPEN_CALLER, "town")
    elif name == "demo":
        with contextlib.redirect_stdout(io.StringIO()):
            _gridstrata(["--data", str(folder / DATA), "demo", "--once"])
    else:
        assert name == "nothing", f"no start is called '{name}'"


@dataclass
class Printed:
    """What a page prints below an example, and what really came out."""

    block: Block
    example: str
    expected: str
    found: str


@dataclass
class Runner:
    """Runs the examples of one page in a folder; `close` ends the servers they started."""

    folder: Path
    address: str = ADDRESS
    import_id: str = ""
    servers: list[subprocess.Popen[str]] = field(default_factory=list)

    def run(self, page: Path) -> Iterator[Printed]:
        """Run a page; gives every output it prints with the one that came."""
        everything = blocks(page)
        for at, block in enumerate(everything):
            rest = everything[at + 1 : at + 3]
            below = list(itertools.takewhile(lambda b: b.language not in RUNNABLE, rest))
            if block.language == "csv" and block.info.startswith("file="):
                (self.folder / block.info.removeprefix("file=")).write_text(block.text)
            elif block.is_run and block.language == "console":
                for command, expected in commands(block):
                    yield Printed(block, command, expected, self.command(command, expected))
            elif block.is_run and block.language == "graphql":
                yield from self._graphql(block, below)
            elif block.is_run and block.language == "python":
                found = self._python(block.text)
                expected = _labelled(below, "text", "output")
                yield Printed(
                    expected or block, block.text, expected.text if expected else "", found
                )

    @contextlib.contextmanager
    def services(self) -> Iterator[Services]:
        """The services that queries are asked of."""
        with bootstrap.open_services(Settings(data=self.folder / DATA)) as house:
            yield house

    def command(self, command: str, expected: str) -> str:
        """Run a command; gives what it prints.

        Raises:
            AssertionError: it failed and no error is printed, or the other way round.
        """
        if command.startswith("gridstrata serve") and command.endswith("&"):
            return self._serve(command)
        code, found = self._in_process(command) if _is_plain(command) else self._shell(command)
        found = found.replace(str(self.folder), HOME)
        fails = re.search(r'(?m)^error:|^Usage:|^ *"errors": \[', expected) is not None
        assert expected.strip() == ASK or (code != 0) == fails, f"exit {code}: {command}\n{found}"
        return found

    def close(self) -> None:
        """End the servers."""
        for server in self.servers:
            server.terminate()
            server.communicate(timeout=20)

    def _in_process(self, command: str) -> tuple[int, str]:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out), self._here():
            code = _gridstrata(shlex.split(command.replace("\\\n", " "))[1:])
        return code, out.getvalue()

    def _shell(self, command: str) -> tuple[int, str]:
        command = command.replace(ADDRESS, self.address)
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        ended = "" if done.stdout.endswith("\n") or not done.stdout else "\n"
        return done.returncode, done.stdout + ended

    def _serve(self, command: str) -> str:
        words = [*shlex.split(command.removesuffix("&")), "--port", "0"]
        server = subprocess.Popen(
            words, cwd=self.folder, env=_environment(), stdout=subprocess.PIPE, text=True
        )
        self.servers.append(server)
        assert server.stdout is not None
        first = server.stdout.readline()
        self.address = re.findall(r"127\.0\.0\.1:\d+", first)[0]
        return first

    def _graphql(self, block: Block, below: list[Block]) -> Iterator[Printed]:
        variables = _labelled(below[:1], "json", "variables")
        expected = _labelled(below, "json", "answer")
        given = variables.text if variables else "{}"
        values = json.loads(_IMPORT_ID.sub(self.import_id, given) if self.import_id else given)
        with self.services() as house:
            answer = asyncio.run(execute(house, block.text, values, OPEN_CALLER))
        found = _laid_out(json.loads(_encode(answer))) + "\n"
        self.import_id = next(iter(_IMPORT_ID.findall(found)), self.import_id)
        if expected is None:
            assert "errors" not in answer, f"line {block.line}: {answer['errors']}"
        yield Printed(expected or block, block.text, expected.text if expected else "", found)

    def _python(self, text: str) -> str:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), self._here():
            exec(compile(text.replace(ADDRESS, self.address), "<page>", "exec"), {})  # noqa: S102 - our pages
        return out.getvalue()

    @contextlib.contextmanager
    def _here(self) -> Iterator[None]:
        with contextlib.chdir(self.folder), patch.dict(os.environ, {"COLUMNS": "80"}):
            yield


def commands(block: Block) -> Iterator[tuple[str, str]]:
    """The commands of a console block, each with the lines printed below it."""
    command, expected, is_open = "", "", False
    for line in block.text.splitlines():
        if line.startswith("$ "):
            if command:
                yield command, expected
            command, expected, is_open = line[2:], "", line.endswith("\\")
        elif is_open:
            command, is_open = f"{command}\n{line}", line.endswith("\\")
        else:
            expected += line + "\n"
    if command:
        yield command, expected


def agrees(printed: Printed) -> bool:
    """Tell whether a page prints what came out."""
    if printed.block.language == "json":
        return _json_agrees(json.loads(printed.expected), json.loads(printed.found))
    if not printed.expected.strip():
        return True
    pieces = re.split(r"(?m)^\.\.\.\n", loosened(printed.expected))
    pattern = r"(?:.*\n)*?".join(re.escape(piece) for piece in pieces)
    return re.fullmatch(pattern, loosened(printed.found)) is not None


def loosened(text: str) -> str:
    """A text without what differs from run to run."""
    for pattern, instead in _LOOSE:
        text = pattern.sub(instead, text)
    return text.rstrip("\n") + "\n"


def _json_agrees(expected: Any, found: Any) -> bool:
    if isinstance(expected, dict) and isinstance(found, dict):
        keys = expected.keys() - {"..."}
        same = keys <= found.keys() if "..." in expected else keys == found.keys()
        return same and all(_json_agrees(expected[key], found[key]) for key in keys)
    if isinstance(expected, list) and isinstance(found, list):
        cut = expected[-1:] == ["..."]
        kept = expected[:-1] if cut else expected
        enough = len(kept) <= len(found) if cut else len(kept) == len(found)
        return enough and all(map(_json_agrees, kept, found))
    if isinstance(expected, str) and isinstance(found, str):
        return loosened(expected) == loosened(found)
    return bool(expected == found)


def _labelled(below: list[Block], language: str, info: str) -> Block | None:
    return next((b for b in below if (b.language, b.info) == (language, info)), None)


def _is_plain(command: str) -> bool:
    return command.startswith("gridstrata ") and not re.search(r"[|<>&;]|\$\(", _unquoted(command))


def _unquoted(command: str) -> str:
    return re.sub(r"'[^']*'", "", command)


def _gridstrata(arguments: list[str]) -> int:
    with patch.object(sys, "argv", ["gridstrata", *arguments]):
        try:
            main()
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


def _environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GRIDSTRATA_")}
    paths = [str(Path(sys.executable).parent), kept.get("PATH", "")]
    return kept | {"PATH": os.pathsep.join(paths), "COLUMNS": "80"}


def _encode(answer: Any) -> bytes:
    import orjson

    return orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z)


def _laid_out(value: Any, indent: str = "", before: int = 0) -> str:
    """JSON for readers: what fits on a line stays on it."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + before + len(flat) <= LINE or not isinstance(value, dict | list) or not value:
        return flat
    inner = indent + "  "
    if isinstance(value, dict):
        keys = [f"{json.dumps(key)}: " for key in value]
        rows = [
            f"{inner}{key}{_laid_out(item, inner, len(key) + 1)}"
            for key, item in zip(keys, value.values(), strict=True)
        ]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    return "[\n" + ",\n".join(f"{inner}{_laid_out(v, inner, 1)}" for v in value) + f"\n{indent}]"


def write(page: Path) -> None:
    """Replace the outputs of a page that are a question mark by what really comes out."""
    folder = Path(tempfile.mkdtemp())
    make_start(start_of(page), folder)
    runner = Runner(folder)
    try:
        for printed in runner.run(page):
            text = page.read_text(encoding="utf-8")
            if printed.expected.strip() == ASK:
                shown = printed.example + "\n" if printed.block.language == "console" else ""
                old, new = f"{shown}{ASK}\n", f"{shown}{printed.found}"
                page.write_text(text.replace(old, new, 1), encoding="utf-8")
            elif not agrees(printed):
                print(f"{page.name}: {printed.example}\n--- printed\n{printed.expected}")
                print(f"--- found\n{printed.found}")
    finally:
        runner.close()
        shutil.rmtree(folder)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        write(Path(name))
