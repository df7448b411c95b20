"""A guard for the servers of a run: a process of its own that ends them when the run has ended.

It ends the processes it was told of and takes their folder away, also when the run was cut off:
its standard input closes with the run, however that ends.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

_GUARD: Final = """
import os, signal, sys, time, shutil
sys.stdin.buffer.read()  # returns when the run has ended, however it did
with open(sys.argv[1] + "/pids") as pids:
    for pid in map(int, pids.read().split()):
        try:
            with open(f"/proc/{pid}/cmdline") as command:
                if sys.argv[1] in command.read():
                    os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
while os.path.exists(sys.argv[1]):  # a process that ends may still write
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    time.sleep(0.1)
"""


class Guard:
    """Guards a folder that is there and the processes with this folder in their command."""

    def __init__(self, folder: Path):
        self._folder = folder
        (folder / "pids").touch()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _GUARD, str(folder)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    def watch(self, pid: int) -> None:
        """Tell of one more process."""
        with (self._folder / "pids").open("a") as pids:
            pids.write(f"{pid}\n")

    def end(self) -> None:
        """End what still runs and take the folder away."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
