"""Errors: something wrong with a call or with the world; bad data is a finding, not an error.

    GridStrataError
    ├── InvalidCall          the call itself is wrong: the caller can mend it
    │   ├── BadWindow, BadPage, BadCursor, BadResolution, BadZone, BadFilter, BadName, BadAggregate,
    │   │   TooManyIntervals, BadMapping
    │   └── UnknownElement, UnknownKind, UnknownQuantity, UnknownModelSet, UnknownRevision,
    │       AmbiguousElement
    ├── AccessDenied         the caller may not do this
    ├── UnreadableInput      a file that cannot be taken: missing, empty, not XML, a bomb
    ├── Conflict             what was asked contradicts what happened since
    └── StoreError           the store cannot do its work
        ├── StoreReadOnly, StoreFull, StoreTooNew, StoreUnavailable
        └── StoreBusy
            └── TooManyWaiting, RevisionNotReached

Every error says what was asked, what was found and what to do, and carries a stable `code`, the
`subject` it is about and a `hint`. The codes are documented in docs/reference/errors.md.
"""

from __future__ import annotations

from datetime import datetime


class GridStrataError(Exception):
    """The root of all errors a caller may see."""

    code = "ERROR"

    def __init__(self, message: str, *, subject: str | None = None, hint: str | None = None):
        super().__init__(message)
        self.message = message
        self.subject = subject
        self.hint = hint


class InvalidCall(GridStrataError):
    """The call is wrong in itself; the caller can mend it."""

    code = "INVALID_CALL"


class BadWindow(InvalidCall):
    """A window that does not run forward in time."""

    code = "BAD_WINDOW"

    def __init__(self, start: datetime, stop: datetime):
        super().__init__(
            f"the window from {start.isoformat()} to {stop.isoformat()} does not run forward",
            hint="windows are half-open, start <= t < stop; give a stop later than the start",
        )


class BadPage(InvalidCall):
    """A page size outside what may be asked."""

    code = "BAD_PAGE"

    def __init__(self, first: int, most: int):
        super().__init__(
            f"a page of {first} was asked, from 0 to {most} can be given",
            subject=str(first),
            hint=f"ask for first <= {most} and follow pageInfo.endCursor",
        )


class BadCursor(InvalidCall):
    """A cursor that is damaged or belongs to another query."""

    code = "BAD_CURSOR"

    def __init__(self, cursor: str):
        super().__init__(
            "the cursor does not belong to this query",
            subject=cursor,
            hint="give the endCursor of the same query with the same filter and order, or leave "
            "`after` out to start again",
        )


class BadResolution(InvalidCall):
    """A resolution that is no positive ISO 8601 duration."""

    code = "BAD_RESOLUTION"

    def __init__(self, text: str):
        super().__init__(
            f"'{text}' is no resolution",
            subject=text,
            hint="give a positive ISO 8601 duration: PT15M, PT1H, P1D; with a time zone also P1M, "
            "and days, weeks, months and years by themselves",
        )


class BadZone(InvalidCall):
    """A time zone that nobody knows."""

    code = "BAD_ZONE"

    def __init__(self, zone: str):
        super().__init__(
            f"no time zone is called '{zone[:100]}'",
            subject=zone[:100],
            hint="give a name of the IANA time zone database, such as Europe/Oslo or UTC",
        )


class TooManyIntervals(InvalidCall):
    """A window cut into more intervals than one answer may have."""

    code = "TOO_MANY_INTERVALS"

    def __init__(self, resolution: str, intervals: int, most: int):
        super().__init__(
            f"a resolution of {resolution} cuts this window into {intervals:,} intervals, "
            f"an answer has at most {most:,}",
            subject=resolution,
            hint="ask for a shorter window or a coarser resolution",
        )


class BadAggregate(InvalidCall):
    """An aggregate that means nothing for this quantity."""

    code = "BAD_AGGREGATE"

    def __init__(self, aggregate: str, quantity: str, unit: str):
        super().__init__(
            f"{aggregate} means nothing for {quantity}: values in {unit} do not add up over time",
            subject=aggregate,
            hint="ask for MEAN, MIN, MAX, LAST or COUNT; only energy is summed over time",
        )


class BadMapping(InvalidCall):
    """A mapping of line protocol that says something that cannot be."""

    code = "BAD_MAPPING"


class BadFilter(InvalidCall):
    """A filter that asks for something that cannot be compared."""

    code = "BAD_FILTER"


class BadName(InvalidCall):
    """A name that cannot be used for a model set or a token."""

    code = "BAD_NAME"

    def __init__(self, name: str):
        super().__init__(
            f"'{name}' cannot be a name here",
            subject=name,
            hint="use letters, digits, '.', '_' and '-', at most 100 of them",
        )


class UnknownElement(InvalidCall):
    """No element with this mRID is in the store, or none the caller may see."""

    code = "UNKNOWN_ELEMENT"

    def __init__(self, mrid: str):
        super().__init__(
            f"no element has the mRID '{mrid}'",
            subject=mrid,
            hint='search for it by name: elements(filter: {text: "..."})',
        )


class AmbiguousElement(InvalidCall):
    """Several model sets use the same mRID."""

    code = "AMBIGUOUS_ELEMENT"

    def __init__(self, mrid: str, model_sets: list[str]):
        super().__init__(
            f"the mRID '{mrid}' is used in the model sets {', '.join(model_sets)}",
            subject=mrid,
            hint=f"write the model set before it: {model_sets[0]}/{mrid}",
        )


class UnknownKind(InvalidCall):
    """A kind that neither the class tables nor the store know."""

    code = "UNKNOWN_KIND"

    def __init__(self, kind: str, near: list[str]):
        super().__init__(
            f"no kind is called '{kind}'",
            subject=kind,
            hint=f"did you mean {', '.join(near)}?"
            if near
            else "ask store { countByKind { kind } }",
        )


class UnknownQuantity(InvalidCall):
    """A quantity the table of quantities does not have."""

    code = "UNKNOWN_QUANTITY"

    def __init__(self, quantity: str, known: list[str]):
        super().__init__(
            f"no quantity is called '{quantity}'",
            subject=quantity,
            hint=f"one of {', '.join(known)}",
        )


class UnknownModelSet(InvalidCall):
    """A model set that is not in the store."""

    code = "UNKNOWN_MODEL_SET"

    def __init__(self, name: str, known: list[str]):
        super().__init__(
            f"no model set is called '{name}'" if name else "no model set was named",
            subject=name,
            hint=f"the store has {', '.join(known)}"
            if known
            else "the store is empty; import first",
        )


class UnknownRevision(InvalidCall):
    """A revision that was never made."""

    code = "UNKNOWN_REVISION"

    def __init__(self, revision: int, newest: int):
        super().__init__(
            f"revision {revision} does not exist",
            subject=str(revision),
            hint=f"the newest revision is {newest}",
        )


class AccessDenied(GridStrataError):
    """The caller's token does not allow this."""

    code = "ACCESS_DENIED"


class UnreadableInput(GridStrataError):
    """A file or archive that cannot be taken at all."""

    code = "UNREADABLE_INPUT"


class Conflict(GridStrataError):
    """What was asked contradicts what happened since."""

    code = "CONFLICT"


class StoreError(GridStrataError):
    """The store cannot do its work."""

    code = "STORE_ERROR"


class StoreReadOnly(StoreError):
    """The data folder cannot be written."""

    code = "STORE_READ_ONLY"


class StoreFull(StoreError):
    """The disk is full; nothing of the transaction was kept."""

    code = "STORE_FULL"


class StoreTooNew(StoreError):
    """The data folder was written by a newer version."""

    code = "STORE_TOO_NEW"


class StoreUnavailable(StoreError):
    """A server does not answer; what was asked may be asked again when it does."""

    code = "STORE_UNAVAILABLE"


class StoreBusy(StoreError):
    """Another process is writing and did not finish in time."""

    code = "STORE_BUSY"


class TooManyWaiting(StoreBusy):
    """More batches wait to be stored than are let wait; nothing of this one was kept."""

    code = "TOO_MANY_WAITING"

    def __init__(self, waiting: int, retry_after_s: int):
        super().__init__(
            f"{waiting} batches wait to be stored already, this one was not taken",
            hint=f"send it again in {retry_after_s} s",
        )
        self.retry_after_s = retry_after_s


class RevisionNotReached(StoreBusy):
    """The caller has been told of a revision that this process has not come to in time."""

    code = "REVISION_NOT_REACHED"

    def __init__(self, wanted: int, reached: int, retry_after_s: int = 1):
        super().__init__(
            f"revision {wanted} was asked for, this process has come to {reached}",
            subject=str(wanted),
            hint=f"ask again in {retry_after_s} s; where the store was restored from an older"
            " copy, leave the revision out",
        )
        self.retry_after_s = retry_after_s
