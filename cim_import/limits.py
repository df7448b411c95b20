"""Limits on what an importer will swallow, so that no file can fill the memory or the disk.

Real CIM archives inflate up to 28 times their size; the ratio allowed is well above that and
well below what a zip bomb needs. All limits are enforced while reading, never trusted from a
header.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CHUNK_BYTES: Final = 64 * 1024
"""How much of a file is read at once."""

MOST_LEVELS: Final = 64
"""How deep elements of one XML document may nest; CIM needs five."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one delivery may amount to.

    `ratio` is inflated over packed bytes of one archive member, looked at once the member gave
    more than `ratio_from_bytes`; `nesting` counts archives within archives, the outermost one
    included.
    """

    members: int = 20_000
    member_bytes: int = 4 << 30
    total_bytes: int = 16 << 30
    ratio: int = 200
    ratio_from_bytes: int = 1 << 20
    nesting: int = 3
