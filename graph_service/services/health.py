"""How the stores do: which answers, since when one does not, what went wrong how often.

A store that is looked at regularly (`following.py`) and does not answer is known to be away. From
then on what needs it is refused at once instead of waiting for it, so that whoever asks for what
can be told without it is not held up behind. The first look that is answered ends that.

Guarantees: a store that nobody looks at regularly is never refused; nothing here waits; the log
says once that a store is away, whoever finds out.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from functools import wraps
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from graph_service.domain.errors import StoreError, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger("gridstrata.health")

HANGS_AFTER_S: Final = 5.0
"""A look that is not answered within this time means that the store hangs."""

S = TypeVar("S")


class Health:
    """How one store does, for as many threads as like.

    Args:
        name: what it is called to people, such as `graph`.
        clock: seconds, of any beginning.
    """

    def __init__(self, name: str, clock: Callable[[], float] = monotonic) -> None:
        self.name = name
        self._clock = clock
        self._lock = Lock()
        self._errors: Counter[str] = Counter()
        self._answered_at: float | None = None
        self._asked_at: float | None = None
        self._error: StoreUnavailable | None = None

    def looking(self) -> None:
        """A look begins."""
        self._asked_at = self._clock()

    def answered(self) -> None:
        """The look was answered."""
        self._answered_at, self._asked_at, self._error = self._clock(), None, None

    def failed(self, error: StoreError) -> None:
        """A look or another call ended with an error."""
        with self._lock:
            self._errors[error.code] += 1
        if isinstance(error, StoreUnavailable):
            if self._error is None and self._answered_at is not None:
                log.warning("%s", error.message)
            self._error = error

    def given_up(self) -> None:
        """The look ended with an error; the next one begins anew."""
        self._asked_at = None

    @property
    def errors(self) -> dict[str, int]:
        """How many calls ended with each error code."""
        with self._lock:
            return dict(self._errors)

    @property
    def age_s(self) -> float | None:
        """How long ago a look was answered last; None where none was."""
        answered = self._answered_at
        return None if answered is None else max(0.0, self._clock() - answered)

    @property
    def away(self) -> StoreUnavailable | None:
        """Why the store is known to be away; None where it is not."""
        if self._answered_at is None:
            return None
        if self._error is not None:
            return self._error
        asked = self._asked_at
        if asked is not None and self._clock() - asked > HANGS_AFTER_S:
            return self._hangs()
        return None

    def require(self) -> None:
        """Refuse at once what needs a store that is away.

        Raises:
            StoreUnavailable: it is.
        """
        if (error := self.away) is not None:
            raise StoreUnavailable(error.message, subject=error.subject, hint=error.hint)

    def _hangs(self) -> StoreUnavailable:
        return StoreUnavailable(
            f"the {self.name} store does not answer",
            subject=self.name,
            hint="ask again in a while; it is looked at until it answers",
        )


def guarded(store: S, health: Health) -> S:
    """A store whose errors are counted, and which is not asked while it is known to be away."""
    return cast("S", _Guarded(store, health))


class _Guarded:
    """Stands before a store and has the same methods."""

    def __init__(self, store: object, health: Health) -> None:
        self._store = store
        self._health = health

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if name == "close" or not callable(method):
            return method
        made = self._transaction(method) if name == "transaction" else self._call(method)
        self.__dict__[name] = made
        return made

    def _call(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def call(*args: Any, **named: Any) -> Any:
            self._health.require()
            try:
                return method(*args, **named)
            except StoreError as error:
                self._health.failed(error)
                raise

        return call

    def _transaction(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @contextmanager
        def begin(*args: Any, **named: Any) -> Iterator[Any]:
            self._health.require()
            try:
                with method(*args, **named) as transaction:
                    yield transaction
            except StoreError as error:
                self._health.failed(error)
                raise

        return begin
