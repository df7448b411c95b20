"""Records copied: tokens, schedules, rules, runs and findings, quarantine, whatever there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from graph_service.ports.exchange import Progress
from graph_service.ports.record_store import Record, RecordStore
from graph_service.services.copying.journal import JOURNAL

_AT_ONCE: Final = 1_000


def collections(*stores: RecordStore) -> list[str]:
    """All collections that any of these has, without the journal of a copy."""
    return sorted({name for store in stores for name in store.collections()} - {JOURNAL})


def pages(records: RecordStore, collection: str) -> Iterator[list[tuple[str, Record]]]:
    """The records of a collection, some at a time."""
    after = None
    while page := records.page(collection, _AT_ONCE, after=after):
        yield page
        after = page[-1][0]


def copy_records(source: RecordStore, target: RecordStore, tell: Progress) -> None:
    """Make the records of a target those of a source."""
    names = collections(source, target)
    total = sum(source.count(name) for name in names)
    done = 0
    for name in names:
        for page in pages(source, name):
            target.put(name, page)
            done += len(page)
            tell("records", done, max(total, done))
        _drop_others(source, target, name)


def _drop_others(source: RecordStore, target: RecordStore, collection: str) -> None:
    """Remove what the source had when the copy was begun, and has no more."""
    if source.count(collection) == target.count(collection):
        return
    for page in list(pages(target, collection)):
        keys = [key for key, _ in page]
        there = zip(keys, source.get(collection, keys), strict=True)
        target.delete(collection, [key for key, record in there if record is None])
