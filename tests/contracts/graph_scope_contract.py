"""What a graph store owes to access and to the projection: owners, scopes, the scan."""

from __future__ import annotations

from graph_service.domain.access import NOTHING
from graph_service.domain.filters import (
    ElementFilter,
    PageRequest,
)
from graph_service.domain.statements import Part, Statement
from graph_service.domain.switching import StateBits
from graph_service.ports.graph_store import GraphStore
from tests.building import CIM, document, part
from tests.contracts.graph_cases import (
    CONTAINER,
    asset,
    chosen,
    feeder,
    land,
    links_of,
    number,
    owned,
    scope_of,
)


class GraphScopeContract:
    """Owners, scopes, the scan."""

    def test_owners__are_stated_for_assets_and_inherited(self, store: GraphStore) -> None:
        land(store, document(), *owned())
        a, b = number(store, "A"), number(store, "B")
        asked = [number(store, mrid) for mrid in ("F1", "S1", "L1", "S9", "A")]
        assert store.owners_of([*asked, 999]) == [(a,), (a,), (a,), (b,), (a,), ()]

    def test_owners__follow_when_an_asset_is_sold_or_undone(self, store: GraphStore) -> None:
        land(store, document(), *owned())
        with store.transaction(author="anna", message="sold") as transaction:
            transaction.put_parts("town", "EQ.xml", [asset("PA", "F1", "RB")])
        a, b, s1 = (number(store, mrid) for mrid in ("A", "B", "S1"))
        assert store.owners_of([s1]) == [(b,)]
        store.undo(2, author="anna")
        assert store.owners_of([s1]) == [(a,)]
        land(store, document(), *feeder())
        assert store.owners_of([s1]) == [()]

    def test_scope__hides_in_pages_counts_and_look_ups(self, store: GraphStore) -> None:
        land(store, document(), *owned())
        scope = scope_of(store, "A")
        assert chosen(store, scope) == ["A", "F1", "L1", "PA", "RA", "S1"]
        assert chosen(store, scope, kinds=frozenset({"Breaker"})) == ["S1"]
        s1, s9 = number(store, "S1"), number(store, "S9")
        assert [e and e.mrid for e in store.elements([s1, s9], scope)] == ["S1", None]
        assert [len(one) for one in store.by_mrid(["S1", "S9"], scope)] == [1, 0]
        assert chosen(store, scope_of(store, "A", "B"), kinds=frozenset({"Breaker"})) == [
            "S1",
            "S9",
        ]

    def test_scope__hides_in_front_of_the_page(self, store: GraphStore) -> None:
        land(store, document(), *owned())
        page = store.find(ElementFilter(), PageRequest(6), scope_of(store, "A"))
        assert (len(page.elements), page.has_next) == (6, False)

    def test_scope__hides_neighbours_and_those_of_the_hidden(self, store: GraphStore) -> None:
        tie = part("TIE", "ACLineSegment", links={CONTAINER: "S9"})
        land(store, document(), *owned(), part("M", "Meter", links={"Some.link": ("S9", "S1")}),
             tie)  # fmt: skip
        asked = [number(store, mrid) for mrid in ("S1", "S9")]
        of_s1, of_s9 = store.neighbours(asked, scope_of(store, "A"))
        assert [n.element.mrid for n in of_s1] == ["F1"]
        assert of_s9 == []

    def test_scope__of_nobody_sees_nothing(self, store: GraphStore) -> None:
        land(store, document(), *owned())
        assert chosen(store, NOTHING) == []
        assert store.elements([number(store, "S1")], NOTHING) == [None]

    def test_scan__gives_the_whole_graph_as_columns(self, store: GraphStore) -> None:
        land(store, document(), *owned())
        columns = store.scan()
        assert columns.revision == 1
        assert list(columns.numbers) == sorted(columns.numbers)
        kinds = [columns.kind_names[kind] for kind in columns.kinds]
        assert dict(zip(columns.numbers, kinds, strict=True))[number(store, "S1")] == "Breaker"
        assert {columns.model_set_names[code] for code in columns.model_sets} == {"town"}
        assert len(links_of(store)) == len(columns.sources) == 8
        assert (number(store, "S1"), number(store, "A")) in set(
            zip(columns.owned, columns.owner, strict=True)
        )

    def test_scan__carries_states_and_phases(self, store: GraphStore) -> None:
        terminal = part("T", "Terminal", {"ACDCTerminal.connected": "false"})
        phases = Part("T", (), (Statement(CIM + "Terminal.phases", "<", CIM + "PhaseCode.AB"),))
        land(store, document(), terminal, phases, part("S", "Breaker", {"Switch.open": "true"}))
        columns = store.scan()
        given = StateBits.OPEN | StateBits.PRESENT_GIVEN
        assert list(columns.states) == [given, StateBits.DISCONNECTED]
        assert list(columns.phases) == [0, 3]
