"""Memory that an answer has used stays with the process, for the next answer.

A question about some hundred meters and a week lays some 30 MB of arrays out and lets go of them
within milliseconds. As it comes, the C library gives such blocks back to the system, which hands
them out again page by page with the next question: up to three times the work of the question
itself. `keep_freed` has it keep them.

Limits: where the C library is not glibc, nothing changes. At most 64 MB for each thread that
answers are kept.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress
from typing import Final

# numbers of `mallopt`, and the values glibc itself arrives at once a block of 32 MB was freed
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_BLOCK_BYTES: Final = 32 << 20


def keep_freed() -> None:
    """Keep freed memory for the rest of the process; said again it changes nothing."""
    with suppress(OSError, AttributeError, TypeError):  # no glibc
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, _BLOCK_BYTES)
        library.mallopt(_M_TRIM_THRESHOLD, 2 * _BLOCK_BYTES)
