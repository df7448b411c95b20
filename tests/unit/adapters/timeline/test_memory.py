"""Memory that was freed stays with the process."""

import subprocess
import sys

import pytest

FAULTS_OF_AGAIN = """
import resource, numpy as np
from graph_service.adapters.timeline.memory import keep_freed
{first}
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(2):
    before = faults()
    arrays = [np.ones(250_000) for _ in range(10)]
    del arrays
print(faults() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc is told to keep memory")
def test_keep_freed__what_was_freed_is_not_asked_of_the_system_again():
    def faults(first: str) -> int:
        code = FAULTS_OF_AGAIN.format(first=first)
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        return int(told.stdout)

    assert faults("keep_freed()") < 100 < faults("") / 10
