"""Elements that were looked up, by id, by number and page by page, remembered until they change.

What was looked up at a revision holds until the next one is known. A switch that was opened or
closed here is the only element of its revision, so all others are remembered beyond it.

Guarantees: for any number of threads; what is found too late, at a revision that is over, is not
remembered. Limits: some ten thousand elements of each sort.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Final

from graph_service.domain.access import Scope
from graph_service.domain.elements import Element
from graph_service.domain.filters import ElementFilter, ElementPage, PageRequest

_MOST: Final = 10_000

Asked = tuple[str, str | None, Scope]
"""An id, within which model set, and what the caller may see."""
Paged = tuple[ElementFilter, PageRequest, Scope]
Counted = tuple[ElementFilter, Scope]


class LookedUp:
    """What was looked up of one graph."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._met: OrderedDict[Asked, tuple[int, Element]] = OrderedDict()
        self._revision = -1
        self._shown: dict[int, Element] = {}
        self._pages: dict[Paged, ElementPage] = {}
        self._counts: dict[Counted, int] = {}
        self._on_pages = 0

    def met(self, asked: Asked) -> tuple[int, Element | None]:
        """At which revision an id was asked for last, and what it meant; (-1, None) if never."""
        return self._met.get(asked, (-1, None))

    def meet(self, asked: Asked, revision: int, element: Element) -> None:
        """Remember what an id means at a revision."""
        with self._lock:
            self._met[asked] = (revision, element)
            if len(self._met) > _MOST:
                self._met.popitem(last=False)

    def elements(
        self,
        numbers: Sequence[int],
        revision: int,
        find: Callable[[Sequence[int]], Iterable[Element | None]],
    ) -> list[Element | None]:
        """Elements by number, in the order asked; `find` is asked for those not remembered."""
        with self._lock:
            self._come_to(revision)
            if len(self._shown) > _MOST:
                self._shown = {}
            shown = self._shown
        unknown = [number for number in dict.fromkeys(numbers) if number not in shown]
        if unknown:
            found = {element.number: element for element in find(unknown) if element is not None}
            with self._lock:
                shown.update(found)
        return [shown.get(number) for number in numbers]

    def page(self, asked: Paged, revision: int, find: Callable[[], ElementPage]) -> ElementPage:
        """A page of elements."""
        with self._lock:
            self._come_to(revision)
            pages, known = self._pages, self._pages.get(asked)
        if known is None:
            known = find()
            with self._lock:
                if pages is self._pages:
                    self._keep(asked, known)
        return known

    def count(self, asked: Counted, revision: int, find: Callable[[], int]) -> int:
        """How many elements a filter chooses."""
        with self._lock:
            self._come_to(revision)
            counts, known = self._counts, self._counts.get(asked)
        if known is None:
            known = find()
            with self._lock:
                if len(counts) < _MOST:
                    counts[asked] = known
        return known

    def switched(self, number: int, revision: int) -> None:
        """Carry what is remembered of the revision before on to one that changed one element."""
        with self._lock:
            before = revision - 1
            for asked, (at, element) in list(self._met.items()):
                if at == before and element.number != number:
                    self._met[asked] = (revision, element)
            if self._revision == before:
                shown, pages, counts = self._shown, self._pages, self._counts
                self._forget(revision)
                self._shown = {at: element for at, element in shown.items() if at != number}
                self._counts = {at: n for at, n in counts.items() if not _tests_values(at[0])}
                for paged, page in pages.items():
                    if not _tests_values(paged[0]) and all(
                        e.number != number for e in page.elements
                    ):
                        self._keep(paged, page)

    def _keep(self, asked: Paged, page: ElementPage) -> None:
        self._pages[asked] = page
        self._on_pages += len(page.elements) + 1

    def _come_to(self, revision: int) -> None:
        if revision != self._revision or self._on_pages > _MOST:
            self._forget(revision)

    def _forget(self, revision: int) -> None:
        """Begin anew; who looks something up at this moment puts it where nobody looks."""
        self._revision = revision
        self._shown, self._pages, self._counts, self._on_pages = {}, {}, {}, 0


def _tests_values(wanted: ElementFilter) -> bool:
    """Whether a filter looks at properties, which a switch changes; at nothing else it does."""
    within = (*wanted.all_of, *wanted.any_of, *wanted.none_of)
    return bool(wanted.properties) or any(map(_tests_values, within))
