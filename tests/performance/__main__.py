"""Run every benchmark and write what was measured into docs/explanation/performance.md.

`make bench` runs all, those of FULL at their full size; `python -m tests.performance reading store`
runs some, at the size of a quick look, and writes nothing.
Each benchmark is a module `bench_<name>` that prints Markdown; it runs in a process of its own, so
that its memory is its own. Peers are measured in the same run; nothing is compared with a number
from another machine.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "explanation" / "performance.md"
FULL: Final = {
    "clients": ["--minutes", "5"],
    "generator": ["--full"],
    "timeline": ["--full"],
}
"""What makes a benchmark as large as the figures that are wanted."""


def main() -> None:
    """Run the benchmarks named on the command line, or all and write the page."""
    if sys.argv[1:]:
        for name in sys.argv[1:]:
            _run(name, [])
    else:
        names = sorted(file.stem[6:] for file in HERE.glob("bench_*.py"))
        sections = [_run(name, FULL.get(name, [])) for name in names]
        PAGE.write_text("\n".join([_opening(), *sections]), encoding="utf-8")
        print(f"written: {PAGE}")


def _run(name: str, options: list[str]) -> str:
    print(f"--- {name}", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", f"tests.performance.bench_{name}", *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, flush=True)
    ended = "" if done.returncode == 0 else f"\n(ended with exit code {done.returncode})\n"
    return done.stdout + ended


def _opening() -> str:
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        "# Performance\n\n"
        "Written by `make bench`; every number was measured in that one run, peers included.\n\n"
        f"Measured on {datetime.now(UTC):%Y-%m-%d} with Python {platform.python_version()} on "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory_gb:.0f} GB.\n"
    )


if __name__ == "__main__":
    main()
