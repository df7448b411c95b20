"""A graph copied: every revision done again, one after another, so that all can be undone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from graph_service.domain.errors import Conflict
from graph_service.domain.history import StatedPart
from graph_service.ports.exchange import Progress
from graph_service.ports.graph_store import GraphStore

_REVISIONS_AT_ONCE: Final = 1_000
_TELL_EVERY: Final = 1_000


def require_beginning(source: GraphStore, target: GraphStore, name: str) -> None:
    """Refuse a target whose revisions are not the first ones of the source.

    Raises:
        Conflict: names the first revision that differs.
    """
    before: int | None = target.revision() + 1
    while page := target.revisions(_REVISIONS_AT_ONCE, before):
        before = page[-1].number
        if page != source.revisions(len(page), page[0].number + 1):
            raise Conflict(
                f"{name} has revisions of its own between {before} and {page[0].number}",
                subject=str(before),
                hint="copy into an empty store",
            )


def copy_graph(source: GraphStore, target: GraphStore, tell: Progress) -> None:
    """Do all revisions again that the target lacks."""
    parts = sum(
        document.part_count
        for model_set in source.model_sets()
        for document in source.documents(model_set.name)
    )
    counted = _Counted(parts, tell)
    for revision in range(target.revision() + 1, source.revision() + 1):
        log = source.log(revision)
        target.replay(replace(log, opened=counted.through(log.opened)))
        tell("revisions", revision, source.revision())


class _Counted:
    """Tells how many parts went by, of about so many."""

    def __init__(self, about: int, tell: Progress):
        self._about = about
        self._tell = tell
        self._done = 0

    def through(self, stated: Iterable[StatedPart]) -> Iterator[StatedPart]:
        """The same parts, counted."""
        for one in stated:
            yield one
            self._done += 1
            if self._done % _TELL_EVERY == 0:
                self._tell("parts", self._done, max(self._about, self._done))
