"""Checksums in Neo4j: one for all that the node of an element says, one for each link.

The check of a node lies in the node, the sum of all in the state of the store. So a write knows
what it takes away without reading it, and who writes past the service changes what nodes say, but
not the sum. Owners are left out: they are written apart, and are derived anew by a resync.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final
from zlib import crc32

import orjson

from graph_service.adapters.neo4j.labels import labels_of

_LEFT_OUT: Final = frozenset({"owners", "check"})
_SORTED: Final = orjson.OPT_SORT_KEYS


def check_of(kind: str, node: Mapping[str, Any]) -> int:
    """The check of an element of this kind as we write it."""
    return _check(_seed_of_kind(kind), node)


def check_of_found(labels: Iterable[str], node: Mapping[str, Any]) -> int:
    """The check of an element as it was found, whoever wrote it."""
    return _check(_seed(tuple(labels)), node)


def check_of_link(source: int, name: str, target: int) -> int:
    """The check of a link."""
    return crc32(f"{source} {name} {target}".encode())


def _check(seed: int, node: Mapping[str, Any]) -> int:
    if not _LEFT_OUT.isdisjoint(node):
        node = {name: value for name, value in node.items() if name not in _LEFT_OUT}
    return crc32(orjson.dumps(node, default=str, option=_SORTED), seed)


@cache
def _seed_of_kind(kind: str) -> int:
    return _seed(("Element", *labels_of(kind)))


@cache
def _seed(labels: tuple[str, ...]) -> int:
    return crc32(" ".join(sorted(labels)).encode())
