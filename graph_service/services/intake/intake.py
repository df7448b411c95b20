"""The intake: whatever comes in, in any format, is checked, addressed to elements and stored.

Every value goes one way: a format understands it, the resolver finds its element, the one writer
stores it in a durable step together with others that wait, and whoever follows the timeline is
told. What is known of no element waits in quarantine; who sees only some owners' elements cannot
bring values of others, known or not.

Guarantees: a future that ends without an error is on the disk; what cannot be taken is named with
its line and reason while the rest is stored; late and corrected values are announced with the
stretch whose aggregates changed.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from graph_service.domain.access import EVERYTHING, Caller, Right
from graph_service.domain.errors import BadName, UnknownModelSet
from graph_service.ports.exchange import Progress
from graph_service.ports.graph_store import GraphStore
from graph_service.ports.record_store import RecordStore
from graph_service.ports.timeline_store import TimelineStore
from graph_service.services.access import require
from graph_service.services.formats import checks, meter_readings
from graph_service.services.formats.addressed import Address, BadLine, Batch, Reading
from graph_service.services.formats.line_protocol import LineReader
from graph_service.services.formats.mapping import DEFAULT, Mapping
from graph_service.services.intake.files import Files
from graph_service.services.intake.quarantine import Quarantine, Waiting
from graph_service.services.intake.queueing import Job, Queue
from graph_service.services.intake.receipts import IngestReport, Receipt
from graph_service.services.intake.storing import Writer, now_us
from graph_service.services.notices import REVISIONS_TOPIC, Notice, Notices, RevisionChanged

MOST_WAITING: Final = 32
"""How many batches wait before the next is turned away."""


class IntakeLoad(NamedTuple):
    """Rows taken and put aside since the start, batches that wait now and that were turned away."""

    accepted: int
    rejected: int
    waiting: int
    turned_away: int


class Intake:
    """Takes readings and events.

    Args:
        graph: where elements are found.
        records: where quarantine and the progress of files are kept.
        timeline: where values go.
        notices: told of what was stored; tells of new revisions.
        mapping: what line protocol means.
        most_waiting: how many batches may wait.
        newest: the newest revision that is known; default: asks the graph.
    """

    def __init__(
        self,
        graph: GraphStore,
        records: RecordStore,
        timeline: TimelineStore,
        notices: Notices,
        *,
        mapping: Mapping = DEFAULT,
        most_waiting: int = MOST_WAITING,
        newest: Callable[[], int] | None = None,
    ):
        self.mapping = mapping
        self._graph = graph
        self._newest = newest or graph.revision
        self._quarantine = Quarantine(records, timeline)
        self._writer = Writer(graph, timeline, self._quarantine, notices, newest)
        self._queue = Queue(self._writer.act, most_waiting)
        self._files = Files(records)
        self._readers: dict[str, LineReader] = {}
        self._model_sets: tuple[int, frozenset[str]] = (-1, frozenset())
        notices.listen(REVISIONS_TOPIC, self._on_revision)

    def offer_lines(
        self, body: bytes, caller: Caller, bucket: str, precision: str = "ns"
    ) -> Future[Receipt]:
        """Take a body of line protocol; the future ends when it is durable.

        Raises:
            AccessDenied: the caller may not write.
            UnknownModelSet: the bucket is none.
            TooManyWaiting: too many batches wait; nothing was taken.
        """
        require(caller, Right.WRITE)
        model_set = self.model_set(bucket)
        reader = self._readers.get(model_set)
        if reader is None:
            reader = self._readers.setdefault(model_set, LineReader(self.mapping, model_set))
        batch = reader.read(body, precision, now_us())
        return self._queue.offer(_job(batch, caller, counted=False))

    def offer_meter_readings(
        self, document: BinaryIO, caller: Caller, into: str = ""
    ) -> Future[Receipt]:
        """Take MeterReadings of IEC 61968-9, whole in one durable step.

        Raises:
            AccessDenied: the caller may not write.
            UnknownModelSet: `into` is none.
            UnreadableInput: it is no MeterReadings, or not well-formed; nothing was taken.
            TooManyWaiting: too many batches wait; nothing was taken.
        """
        require(caller, Right.WRITE)
        reading = Reading(self.model_set(into), now_us(), "the document")
        parts = list(meter_readings.read(document, reading))
        batch = Batch(
            lots=[lot for part in parts for lot in part.lots],
            rejected=[put_aside for part in parts for put_aside in part.rejected],
            rows=sum(part.rows for part in parts),
        )
        return self.offer(batch, caller)

    def offer(self, batch: Batch, caller: Caller) -> Future[Receipt]:
        """Take what another format understood, counted exactly.

        Raises:
            AccessDenied: the caller may not write.
            TooManyWaiting: too many batches wait; nothing was taken.
        """
        require(caller, Right.WRITE)
        return self._queue.offer(_job(batch, caller))

    def load(
        self,
        path: Path,
        caller: Caller,
        model_set: str,
        *,
        mapping: Mapping | None = None,
        again: bool = False,
        progress: Progress | None = None,
    ) -> IngestReport:
        """Take a file in any format, going on where an earlier run stopped.

        Args:
            path: the file; see `formats` for what it may hold, gzip or not.
            caller: who brings it.
            model_set: where its elements are.
            mapping: what its lines mean, where they are line protocol.
            again: read it from its beginning, whatever was read before.
            progress: told after every batch how many bytes of the file are read.

        Raises:
            AccessDenied: the caller may not write.
            UnreadableInput: it is missing, in no known format, or breaks off; the batches before
                that are kept.
            StoreError: a batch could not be stored; the batches before it are kept.
        """
        require(caller, Right.WRITE)

        def store(batch: Batch) -> Future[Receipt]:
            return self._queue.put(_job(batch, caller))

        chosen = mapping or self.mapping
        return self._files.load(path, model_set, chosen, store, again=again, progress=progress)

    def model_set(self, bucket: str) -> str:
        """The model set that a bucket means: as mapped, else of the same name, else the only one.

        Raises:
            UnknownModelSet: there is none of this name.
        """
        mapped = self.mapping.model_set(bucket)
        if mapped:
            return mapped  # it may come later; values wait for it
        known = self._known_model_sets(self._newest())
        if bucket not in known and (bucket or len(known) != 1):  # another process may have it
            known = self._known_model_sets(self._graph.revision())
        if bucket in known:
            return bucket
        if not bucket and len(known) == 1:
            return next(iter(known))
        raise UnknownModelSet(bucket, sorted(known))

    def address(self, given: str, model_set: str | None = None) -> Address:
        """The address of an element given as mRID or `model_set/mRID`, known or not.

        Raises:
            UnknownModelSet: it names none, and there is not just one.
            BadName: nothing is left of it.
        """
        name, slash, mrid = given.partition("/")
        own = bool(slash) and model_set is None and name in self._known_model_sets(self._newest())
        try:
            if own:
                return Address(name, checks.mrid(mrid))
            return Address(self.model_set(model_set or ""), checks.mrid(given))
        except BadLine as error:
            raise BadName(given) from error

    def waiting(self, first: int, after: str | None = None) -> list[Waiting]:
        """Identifiers whose elements are not known, by key, beyond `after`."""
        return self._quarantine.page(first, after)

    def waiting_count(self) -> int:
        """How many identifiers wait for their elements."""
        return self._quarantine.count()

    def load_now(self) -> IntakeLoad:
        """How much came so far, and how much waits."""
        queue, writer = self._queue, self._writer
        return IntakeLoad(writer.accepted, writer.rejected, len(queue), queue.turned_away)

    def link(self) -> None:
        """Give what waits to the elements that have come; done when the call returns."""
        if self._quarantine.count():
            self._queue.add(Job(None, EVERYTHING)).result()

    def close(self) -> None:
        """Store what waits, and end."""
        self._queue.close()

    def _on_revision(self, notice: Notice) -> None:
        """A revision may bring an element that values wait for."""
        if isinstance(notice, RevisionChanged):
            with suppress(RuntimeError):  # the house is being closed
                self._queue.add(Job(None, EVERYTHING, revision=notice.revision))

    def _known_model_sets(self, revision: int) -> frozenset[str]:
        if self._model_sets[0] < revision:
            names = frozenset(kept.name for kept in self._graph.model_sets())
            self._model_sets = (revision, names)
        return self._model_sets[1]


def _job(batch: Batch, caller: Caller, *, counted: bool = True) -> Job:
    return Job(batch, caller.scope, counted, batch.values + len(batch.events))
