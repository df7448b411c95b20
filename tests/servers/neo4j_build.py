"""The jars of a Neo4j server out of a package registry, for tests on machines without containers.

`python -m tests.servers.neo4j_build` prints the folder they lie in, and has Maven fetch them first
where the cache lacks them: about ten seconds and 125 MB the first time. The recipe is
`neo4j/pom.xml`; a change of it fetches again.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Final

from tests.servers import cache
from tests.servers.influxdb_build import NoServer

POM: Final = Path(__file__).parent / "neo4j" / "pom.xml"
OLDEST_JAVA: Final = 17


def jars() -> Path:
    """The folder of jars, filled where the cache lacks it.

    Raises:
        NoServer: Java or Maven is missing, or Maven did not get them.
    """
    java()
    return cache.built(f"neo4j-{version()}-{cache.key_of([POM])}", _fetch)


def java() -> str:
    """The command that runs Java.

    Raises:
        NoServer: there is none, or it is too old.
    """
    return _java()[0]


def java_version() -> str:
    """What that Java says it is; errors as `java`."""
    return _java()[1]


@lru_cache(1)
def _java() -> tuple[str, str]:
    found = shutil.which("java")
    if found is None:
        raise NoServer(f"Neo4j needs Java {OLDEST_JAVA} or newer: install a JRE (openjdk)")
    told = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr
    number = re.search(r'version "(\d+)', told)
    if number is None or int(number[1]) < OLDEST_JAVA:
        raise NoServer(f"Neo4j needs Java {OLDEST_JAVA} or newer, this is: {told[:200].strip()}")
    return found, told


def version() -> str:
    """The version of Neo4j that the recipe names."""
    found = re.search(r"<neo4j.version>([0-9.]+)<", POM.read_text(encoding="utf-8"))
    assert found, "pom.xml names no version"
    return found[1]


def _fetch(folder: Path, work: Path) -> None:
    if shutil.which("mvn") is None:
        raise NoServer("Neo4j's jars are fetched by Maven: install maven (mvn)")
    command = ["mvn", "-q", "-B", "-Dmaven.artifact.threads=10", "-f", str(POM)]
    command += ["dependency:copy-dependencies", "-DincludeScope=runtime"]
    done = subprocess.run(
        [*command, f"-DoutputDirectory={folder}"],
        cwd=work,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NoServer(f"Maven did not get Neo4j's jars:\n{(done.stdout + done.stderr)[-2000:]}")


if __name__ == "__main__":
    print(jars(), file=sys.stdout)
