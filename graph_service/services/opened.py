"""A predictor that is opened when first needed, and what is wrong with it.

Where it cannot be opened the reason goes to whoever asked, once into the log, and to `/ready`; the
next question tries again, so that a bundle that was put right is used without a restart.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from graph_service.domain.errors import GridStrataError
from graph_service.ports.predictor import TellsTrouble

_Predictor = TypeVar("_Predictor")

log = logging.getLogger("gridstrata.predictions")


class Opened(Generic[_Predictor]):
    """One predictor.

    Args:
        name: Of its task, as in the entry points.
        find: Opens it, or says with an error why there is none.
    """

    def __init__(self, name: str, find: Callable[[], _Predictor]) -> None:
        self.name = name
        self._find = find
        self._lock = Lock()
        self._opened: _Predictor | None = None
        self._reason = ""

    def get(self) -> _Predictor:
        """The predictor.

        Raises:
            GridStrataError: it cannot be opened, as it says.
        """
        with self._lock:
            if self._opened is None:
                try:
                    self._opened, self._reason = self._find(), ""
                except GridStrataError as error:
                    self._tell(error.message)
                    raise
            return self._opened

    @property
    def trouble(self) -> str:
        """Why it was not opened, or does not use what is newer; empty where nothing is known."""
        if isinstance(self._opened, TellsTrouble):
            return self._opened.trouble
        return self._reason

    @property
    def standing(self) -> str:
        """How it stands, for people who may not know where things lie; empty where all is well."""
        if not self.trouble:
            return ""
        how = "does not answer" if self._opened is None else "answers from an earlier bundle"
        return f"{how}; the log says why"

    def _tell(self, reason: str) -> None:
        if reason != self._reason:
            log.warning("the predictor %s cannot be opened: %s", self.name, reason)
        self._reason = reason
