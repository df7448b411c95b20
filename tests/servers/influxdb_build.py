"""An InfluxDB 2 server built from package registries, for tests on machines without containers.

`python -m tests.servers.influxdb_build` prints the path of `influxd`, and builds it first where
the cache lacks it: about five minutes and 3 GB of disk the first time, milliseconds afterwards.
The recipe is `influxdb/go.mod`, `influxdb/go.sum` and this file; a change of one builds again.

How: `influxd` is a tool of a module of our own, because its own module cannot be installed by
name. Its query language Flux is a library in Rust that lies in a Go module; cargo builds it, and
Go is told where it lies by a stand-in for pkg-config. The server has no pages in it, which are
assets of another repository; everything else is there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.servers import cache

HERE: Final = Path(__file__).parent
RECIPE: Final = HERE / "influxdb"
NEEDED: Final = {
    "go": "Go 1.25.10 or newer",
    "cargo": "Rust 1.83 or newer with cargo",
    "cc": "a C compiler",
}

_FLUX: Final = "github.com/influxdata/flux"
_SERVER: Final = "github.com/influxdata/influxdb/v2/cmd/influxd"
_TAGS: Final = "sqlite_foreign_keys,sqlite_json,flux_nosqlite"


class NoServer(Exception):
    """A server cannot be had here; the message says what to install."""


def influxd() -> Path:
    """The path of the server, built where the cache lacks it.

    Raises:
        NoServer: a tool to build it with is missing, or the build failed.
    """
    inputs = (RECIPE / "go.mod", RECIPE / "go.sum", Path(__file__))
    return cache.built(f"influxd-{_version()}-{cache.key_of(inputs)}", _build)


def _version() -> str:
    found = re.search(r"influxdata/influxdb/v2 v([0-9.]+)", (RECIPE / "go.mod").read_text())
    assert found, "go.mod names no version of the server"
    return found[1]


def _build(binary: Path, work: Path) -> None:
    missing = [what for tool, what in NEEDED.items() if shutil.which(tool) is None]
    if missing:
        raise NoServer(f"InfluxDB is built with tools that are not here: {', '.join(missing)}")
    try:
        library = _build_flux(work)
        _build_server(binary, work, library)
    except subprocess.CalledProcessError as failed:
        raise NoServer(f"InfluxDB could not be built: {' '.join(failed.cmd[:3])} failed") from None


def _build_flux(work: Path) -> Path:
    """The folder of the query language's library, built from a copy.

    Go's folder of modules is read-only, and Flux asks there for a compiler of one certain version
    (`rust-toolchain.toml`), so only what is compiled is copied.
    """
    _run("go", "mod", "download", _FLUX, at=RECIPE)
    source = Path(_run("go", "list", "-m", "-f", "{{.Dir}}", _FLUX, at=RECIPE).strip())
    for part in ("libflux", "stdlib"):
        shutil.copytree(source / part, work / part)
    for path in [work / "libflux", *(work / "libflux").rglob("*"), *(work / "stdlib").rglob("*")]:
        path.chmod(path.stat().st_mode | 0o200)
    _run(
        *("cargo", "rustc", "--release", "--locked", "--package", "flux"),
        *("--lib", "--crate-type", "staticlib"),
        at=work / "libflux",
        CARGO_TARGET_DIR=str(work / "target"),
        RUSTFLAGS="--cap-lints=warn",
    )
    return work / "target" / "release"


def _build_server(binary: Path, work: Path, library: Path) -> None:
    """The server, linked with the library.

    The linker is told the folder once more: Go keeps what pkg-config said in an earlier build.
    """
    (work / "bin").mkdir()
    answers = work / "bin" / "pkg-config"
    answers.write_text(
        "#!/bin/sh\n"
        'case "$*" in\n'
        f"""*--cflags*) echo "'-I{work}/libflux/include'" ;;\n"""
        f"""*--libs*) echo "'-L{library}' -lflux -ldl -lm" ;;\n"""
        "esac\n"
    )
    answers.chmod(0o755)
    _run(
        *("go", "build", "-trimpath", "-buildvcs=false", "-tags", _TAGS),
        *("-ldflags", f"-s -w -X main.version={_version()} -extldflags \"'-L{library}'\""),
        *("-o", str(binary), _SERVER),
        at=RECIPE,
        PATH=f"{answers.parent}{os.pathsep}{os.environ['PATH']}",
        PKG_CONFIG="pkg-config",
    )


def _run(*command: str, at: Path, **environment: str) -> str:
    """Run a command; what it says meanwhile goes to standard error."""
    always = {"GOWORK": "off", "GOFLAGS": "-mod=readonly", "CGO_ENABLED": "1"}
    done = subprocess.run(
        command,
        cwd=at,
        env=os.environ | always | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


if __name__ == "__main__":
    try:
        print(influxd())
    except NoServer as reason:
        sys.exit(str(reason))
