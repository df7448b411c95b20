"""Run every benchmark and write what was measured into docs/explanation/performance.md.

`make bench` runs all, those of FULL at their full size; `python -m tests.performance reading
store` runs these only, and the others keep their sections of the page, with the day they were
measured. With `--quick` they are small, and nothing is written.

Each benchmark is a module `bench_<name>` that prints Markdown; it runs in a process of its own, so
that its memory is its own. Peers are measured in the same run; nothing is compared with a number
from another machine.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "explanation" / "performance.md"
FULL: Final = {
    "clients": ["--minutes", "5", "--on", "servers"],
    "generator": ["--full"],
    "timeline": ["--full"],
}
"""What makes a benchmark as large as the figures that are wanted."""
OPENING: Final = """# Performance

Written by `make bench`, a section by each benchmark; peers were measured in the same run as we.
"""
_MARK: Final = re.compile(r"<!-- bench_(\w+) -->")


def main() -> None:
    """Run the benchmarks named on the command line, or all."""
    quick = "--quick" in sys.argv
    known = sorted(file.stem[6:] for file in HERE.glob("bench_*.py"))
    names = [name for name in sys.argv[1:] if name != "--quick"] or known
    sections = {} if quick else _written()
    for name in names:
        found = _run(name, [] if quick else FULL.get(name, []))
        if found and not quick:
            _write(sections := sections | {name: found})


def _written() -> dict[str, str]:
    """The sections of the page as it is, by benchmark."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    marks = list(_MARK.finditer(text))
    ends = [*(mark.start() for mark in marks), len(text)][1:]
    return {mark[1]: text[mark.end() : end] for mark, end in zip(marks, ends, strict=True)}


def _write(sections: dict[str, str]) -> None:
    parts = [f"<!-- bench_{name} -->{text.rstrip()}\n" for name, text in sorted(sections.items())]
    PAGE.write_text("\n".join([OPENING, *parts]), encoding="utf-8")


def _run(name: str, options: list[str]) -> str:
    """The section of a benchmark; none where it failed, so that what was measured before stays."""
    print(f"--- {name}", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", f"tests.performance.bench_{name}", *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, flush=True)
    if done.returncode:
        print(f"{name} failed with exit code {done.returncode}", file=sys.stderr, flush=True)
        return ""
    return f"\n{done.stdout.rstrip()}\n\n{_where()}\n"


def _where() -> str:
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} with Python {platform.python_version()} on "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory_gb:.0f} GB."
    )


if __name__ == "__main__":
    main()
