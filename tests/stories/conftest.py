"""Houses of services over real models, each imported once for all stories that only look."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest

from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.api.schema import execute
from graph_service.bootstrap import open_services
from graph_service.domain.access import EVERYTHING, Caller, Scope
from graph_service.domain.columns import GraphColumns
from graph_service.domain.elements import Element
from graph_service.domain.filters import ElementFilter, PageRequest
from graph_service.domain.layers import Layer
from graph_service.domain.traces import TraceKind
from graph_service.ports.exchange import ImportReport
from graph_service.services.access import OPEN_CALLER
from graph_service.services.house import Services
from graph_service.services.traces import Trace, TraceQuestion
from graph_service.settings import Settings
from tests.models import model

PHYSICAL = (Layer.PHYSICAL,)


class House:
    """Services over a data folder, asked in mRIDs of one model set."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.network = services.network

    def take(self, *paths: Path, into: str = "model") -> ImportReport:
        """Import a delivery."""
        self.__dict__.pop("elements", None)
        self.__dict__.pop("_mrids", None)
        return self.services.imports.take(paths, OPEN_CALLER, into=into)[1]

    @cached_property
    def elements(self) -> dict[str, Element]:
        """All elements of the model set `model` by mRID."""
        found: dict[str, Element] = {}
        wanted, after = ElementFilter(model_set="model"), None
        while True:
            page = self.network.find(wanted, PageRequest(first=500, after=after), EVERYTHING)
            found |= {element.mrid: element for element in page.elements}
            if not page.has_next:
                return found
            after = page.end

    @cached_property
    def _mrids(self) -> dict[int, str]:
        return {element.number: mrid for mrid, element in self.elements.items()}

    def trace(
        self, kind: TraceKind, *starts: str, scope: Scope = EVERYTHING, **asked: Any
    ) -> Trace:
        """Walk from elements, in the physical layer unless said otherwise."""
        question = TraceQuestion(kind, **{"layers": PHYSICAL, **asked})
        numbers = [self.elements[mrid].number for mrid in starts]
        return self.network.trace(numbers, question, scope)

    def met(self, kind: TraceKind, *starts: str, **asked: Any) -> list[str]:
        """The mRIDs a trace meets, nearest first."""
        numbers = self.trace(kind, *starts, **asked).result.numbers.tolist()
        return [self._mrids[number] for number in numbers]

    def scan(self) -> GraphColumns:
        """The graph as another process would read it from the data folder now."""
        store = SqliteGraph(self.services.data)
        try:
            return store.scan()
        finally:
            store.close()

    def throw(self, mrid: str, *, is_open: bool) -> int:
        """Open or close a switch; gives the revision."""
        self.network.set_switch(self.network.element(mrid, EVERYTHING), is_open, OPEN_CALLER)
        return self.network.revision()

    @contextmanager
    def taken_back(self) -> Iterator[None]:
        """Undo at the end what was changed since."""
        begun = self.network.revision()
        yield
        for revision in range(self.network.revision(), begun, -1):
            self.network.undo(revision, OPEN_CALLER)

    def ask(self, query: str, caller: Caller = OPEN_CALLER, **variables: Any) -> Any:
        """The data of a GraphQL answer that must have no errors."""
        answer = asyncio.run(execute(self.services, query, variables, caller))
        assert "errors" not in answer, answer["errors"]
        return answer["data"]


@contextmanager
def house_over(*names: str, data: Path) -> Iterator[House]:
    """A house over one or several published models, taken as one delivery."""
    with open_services(Settings(data=data)) as services:
        house = House(services)
        house.take(*map(model, names))
        yield house


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., House]]:
    """Gives the house over published models, made once.

    It is shared: a story that changes something takes it back, or makes a `fresh` house.
    """
    with ExitStack() as closing:

        @cache
        def over(*names: str) -> House:
            data = tmp_path_factory.mktemp("house")
            return closing.enter_context(house_over(*names, data=data))

        yield over


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[House]:
    """A house with nothing in it."""
    with open_services(Settings(data=tmp_path / "data")) as services:
        yield House(services)
