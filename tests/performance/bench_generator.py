"""How long a town takes and how much memory: `python -m tests.performance.bench_generator`.

Prints Markdown. 2,000 meters with two weeks of readings; with `--full` also 200,000, which writes
two gigabytes into the folder for temporary files and removes them again. Each town is generated
in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cim_import.generating import generate_town

DAYS = 14


def main() -> None:
    """Measure and print the table."""
    sizes = [2_000, 200_000] if "--full" in sys.argv else [2_000]
    print("## Generating a town\n")
    print(f"CIM delivery of three layers and {DAYS} days of hourly readings.\n")
    print("| Meters | Elements | Reading lines | MB written | Seconds | Peak RSS MB |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    for meters in sizes:
        command = [sys.executable, "-m", "tests.performance.bench_generator", "--one", str(meters)]
        print(subprocess.run(command, capture_output=True, text=True, check=True).stdout, end="")


def measure(meters: int) -> str:
    """Generate one town; gives a line of the table."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        town = generate_town(Path(folder), meters=meters, seed=1, days=DAYS)
        seconds = time.perf_counter() - begun
    megabytes = sum(town.files.values()) / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    elements = sum(town.counts.values())
    return (
        f"| {meters:,} | {elements:,} | {town.reading_lines:,} | {megabytes:,.0f} "
        f"| {seconds:.2f} | {peak:.0f} |"
    )


if __name__ == "__main__":
    if "--one" in sys.argv:
        print(measure(int(sys.argv[-1])))
    else:
        main()
