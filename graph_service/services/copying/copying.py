"""Moving house: everything that the stores of one place hold, copied to those of another.

Guarantees: the graph comes with its whole history, so that what could be undone still can;
readings and events come with all versions and both clocks; records come as they are. A copy that
was cut off goes on when it is started again, and ends the same. Nothing is written to a target that
holds something else, and no service opens a target before it is whole. At the end both sides are
read again and compared.

Limits: what is written to the source meanwhile may be missing; then the comparison says so, and
the copy, started again, brings it. Nobody else writes to the target.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from graph_service.domain.errors import Conflict, StoreError
from graph_service.ports.exchange import Progress
from graph_service.services.copying.comparing import Comparison, compare
from graph_service.services.copying.graphs import copy_graph, require_beginning
from graph_service.services.copying.journal import (
    JOURNAL,
    Journal,
    Progressed,
    require_finished,
)
from graph_service.services.copying.records import copy_records
from graph_service.services.copying.sides import Side
from graph_service.services.copying.timelines import TimelineCopy


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy came to.

    Attributes:
        source, target: What was copied, and where to.
        resumed: Whether it went on with a copy that was begun before.
        comparison: How many things both sides have, and how many are equal.
        refused: Why the target did not take things, the first ones; `refusals` of them in all.
        seconds: How long it took.
    """

    source: str
    target: str
    resumed: bool
    comparison: Comparison
    refused: tuple[str, ...]
    refusals: int
    seconds: float


class Copying:
    """Copies one side to another, and compares them."""

    def __init__(self, source: Side, target: Side):
        self._source = source
        self._target = target
        self._journal = Journal(target.records)

    def copy(self, progress: Progress | None = None) -> Copied:
        """Copy everything, or what is missing of a copy that was begun, and compare.

        Raises:
            Conflict: the target holds something else, or the source is itself not whole.
            StoreBusy: another copy into the target is at work.
            StoreError: a store could not be read or written; started again it goes on.
        """
        begun = time.monotonic()
        with self._target.records.alone(JOURNAL):
            timeline, resumed = self._bring(progress or _silent)
            comparison = self.compare(progress)
            if comparison.is_same:
                self._journal.end()
            else:  # started again it looks at everything once more
                self._journal.begin(self._source.name)
        return Copied(
            self._source.name,
            self._target.name,
            resumed,
            comparison,
            tuple(timeline.refused),
            timeline.refusals,
            time.monotonic() - begun,
        )

    def copy_once(self, progress: Progress | None = None) -> None:
        """Copy everything, and call it whole without comparing: others may write to the source.

        The graph is of one revision. What was kept of readings and events before this began is
        there; of what comes meanwhile some may be.

        Raises:
            Conflict, StoreError: as `copy`.
        """
        with self._target.records.alone(JOURNAL):
            timeline, _ = self._bring(progress or _silent)
            if timeline.refusals:
                raise StoreError(
                    f"{self._target.name} did not take {timeline.refusals} things of"
                    f" {self._source.name}: {timeline.refused[0]}",
                    subject=self._target.name,
                    hint="`gridstrata copy` between the same places names more of them",
                )
            self._journal.end()

    def compare(self, progress: Progress | None = None) -> Comparison:
        """Read both sides whole and compare them; nothing is written."""
        return compare(self._source, self._target, progress or _silent)

    def _bring(self, tell: Progress) -> tuple[TimelineCopy, bool]:
        """Copy what is not there yet; also gives whether it went on with an earlier copy."""
        require_finished(self._source.records)
        at, resumed = self._begin()
        require_beginning(self._source.graph, self._target.graph, self._target.name)
        copy_graph(self._source.graph, self._target.graph, tell)
        copy_records(self._source.records, self._target.records, tell)
        timeline = TimelineCopy(self._source.timeline, self._target.timeline, self._journal)
        timeline.run(at, tell)
        return timeline, resumed

    def _begin(self) -> tuple[Progressed, bool]:
        at = self._journal.read()
        if at is None:
            self._require_empty()
            return self._journal.begin(self._source.name), False
        if at.source != self._source.name:
            raise Conflict(
                f"a copy from {at.source} into {self._target.name} is not finished",
                subject=at.source,
                hint=f"go on with that one, or empty {self._target.name}",
            )
        return at, True

    def _require_empty(self) -> None:
        if not self._target.is_empty():
            raise Conflict(
                f"{self._target.name} holds something already",
                subject=self._target.name,
                hint="copy into a folder, a database and a bucket that are empty",
            )


def _silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""
