"""One of several processes that serve: it opens the stores for itself and follows the others.

A worker whose stores do not open says so and ends; its supervisor tries again.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from starlette.applications import Starlette

from graph_service import bootstrap
from graph_service.api.app import make_app
from graph_service.api.leaving import Leaving
from graph_service.api.metrics import FOLDER_SETTING, forget_the_dead
from graph_service.domain.errors import GridStrataError
from graph_service.services.house import Services
from graph_service.services.regularly import regularly
from graph_service.settings import Settings

_TRIED_AGAIN_S: Final = 1.0
_IMPORTS_LOOKED_AT_EVERY_S: Final = 60.0


@contextmanager
def upkeep(house: Services, settings: Settings) -> Iterator[None]:
    """What a process that serves does by itself now and then, as long as the block lasts."""
    with (
        regularly(house.keeping.apply_when_due),
        regularly(house.imports.close_interrupted, _IMPORTS_LOOKED_AT_EVERY_S),
        house.predictions.regularly(settings.predict_every_us),
    ):
        yield


def settle() -> None:
    """Take what is in memory by now as there to stay.

    Answering leaves cycles behind, which are looked for when a quarter as much has come as there
    was before; so of little, often, and without going through the program and the graph each time.
    """
    gc.collect()
    gc.freeze()


def make(settings: Settings, *, is_open: bool) -> Starlette:
    """The application of a worker, over stores of its own that are closed when it ends."""
    forget_the_dead(Path(os.environ[FOLDER_SETTING]))
    try:
        return _make(settings, is_open)
    except GridStrataError as error:
        sys.stderr.write(f"error: {error.message}\n")
        time.sleep(_TRIED_AGAIN_S)
        raise SystemExit(1) from None


def _make(settings: Settings, is_open: bool) -> Starlette:
    with ExitStack() as opening:
        house = opening.enter_context(bootstrap.open_services(settings))
        house.intake.link()
        house.network.projection()
        opening.enter_context(upkeep(house, settings))
        app = make_app(
            house,
            is_open=is_open,
            max_upload_bytes=settings.max_upload_bytes,
            leaving=Leaving(settings.drain_seconds),
            closing=opening.pop_all().close,
        )
        settle()
        return app
