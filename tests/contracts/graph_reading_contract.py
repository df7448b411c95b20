"""What a graph store owes to who asks: look-ups, filters, pages, neighbours."""

from __future__ import annotations

import pytest

from graph_service.domain.access import EVERYTHING
from graph_service.domain.elements import Element
from graph_service.domain.errors import BadFilter
from graph_service.domain.filters import (
    Comparison,
    ElementFilter,
    ElementOrder,
    ElementPage,
    PageRequest,
    PropertyTest,
)
from graph_service.domain.layers import Layer
from graph_service.ports.graph_store import GraphStore
from tests.building import document, named, part
from tests.contracts.graph_cases import CONTAINER, chosen, feeder, land, number


class GraphReadingContract:
    """Look-ups, filters, pages."""

    def test_elements__come_in_the_order_asked_with_gaps(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        f1, s1 = number(store, "F1"), number(store, "S1")
        found = store.elements([s1, 999, f1, s1], EVERYTHING)
        assert [e.mrid if e else None for e in found] == ["S1", None, "F1", "S1"]

    def test_by_mrid__comes_in_the_order_asked_and_keeps_case(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        found = store.by_mrid(["S1", "s1", "F1", "S1"], EVERYTHING)
        assert [[e.mrid for e in one] for one in found] == [["S1"], [], ["F1"], ["S1"]]

    def test_find__by_kind_layer_name_and_model_set(self, store: GraphStore) -> None:
        land(store, document(), *feeder(), part("O", "Organisation"))
        land(store, document(model_set="b"), named("B1", "Breaker", "North"))
        assert chosen(store, kinds=frozenset({"Breaker", "Nothing"})) == ["S1", "B1"]
        assert chosen(store, layer=Layer.OWNERSHIP) == ["O"]
        assert chosen(store, name="North") == ["F1", "B1"]
        assert chosen(store, name="north") == []
        assert chosen(store, model_set="b") == ["B1"]
        assert chosen(store, model_set="c") == []

    def test_find__an_empty_set_chooses_nothing(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        for name in ("kinds", "mrids", "numbers", "containers", "owners"):
            assert chosen(store, EVERYTHING, **{name: frozenset()}) == []

    def test_find__text_ignores_case_in_name_and_mrid(self, store: GraphStore) -> None:
        land(store, document(), named("S1", "Breaker", "Große Ähre 100%"), part("xs1y", "Bay"))
        assert chosen(store, text="s1") == ["S1", "xs1y"]
        assert chosen(store, text="GROSSE äHRE") == ["S1"]
        assert chosen(store, text="%") == ["S1"]
        assert chosen(store, text="_") == []

    def test_find__by_numbers_and_mrids(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        assert chosen(store, mrids=frozenset({"S1", "l1", "F1"})) == ["F1", "S1"]
        assert chosen(store, numbers=frozenset({number(store, "L1"), 999})) == ["L1"]

    def test_find__a_container_is_meant_with_containers_in_it(self, store: GraphStore) -> None:
        land(
            store,
            document(),
            part("SUB", "Substation"),
            part("VL", "VoltageLevel", links={"VoltageLevel.Substation": "SUB"}),
            part("BAY", "Bay", links={"Bay.VoltageLevel": "VL"}),
            part("S1", "Breaker", links={CONTAINER: "BAY"}),
            part("T1", "Terminal", links={"Terminal.ConductingEquipment": "S1"}),
            part("VL2", "VoltageLevel"),
        )
        inside = chosen(store, containers=frozenset({number(store, "SUB")}))
        assert inside == ["BAY", "S1", "VL"]

    def test_find__a_container_may_be_written_from_its_own_end(self, store: GraphStore) -> None:
        vl = part("VL", "VoltageLevel", links={"EquipmentContainer.Equipments": ("S1", "S2")})
        land(store, document(), vl, part("S1", "Breaker"), part("S2", "Breaker"))
        assert chosen(store, containers=frozenset({number(store, "VL")})) == ["S1", "S2"]

    @pytest.mark.parametrize(
        ("comparison", "value", "expected"),
        [
            (Comparison.EQUALS, "12.5", ["L1"]),
            (Comparison.EQUALS, "7", ["L2"]),
            (Comparison.CONTAINS, "2.", ["L1"]),
            (Comparison.LESS, "12.5", ["L2"]),
            (Comparison.GREATER, "1e1", ["L1", "L2", "L3"]),
            (Comparison.PRESENT, "", ["L1", "L2", "L3", "L4"]),
        ],
    )
    def test_find__tests_properties_as_text_or_number(
        self, store: GraphStore, comparison: Comparison, value: str, expected: list[str]
    ) -> None:
        texts = {"L1": "12.5", "L2": ("7", "40"), "L3": "inf", "L4": "much", "L5": ()}
        land(
            store,
            document(),
            *(part(m, "EnergyConsumer", {"EnergyConsumer.p": t}) for m, t in texts.items()),  # type: ignore[dict-item]
        )
        test = PropertyTest("EnergyConsumer.p", comparison, value)
        assert chosen(store, properties=(test,)) == expected

    def test_find__refuses_a_number_that_is_none(self, store: GraphStore) -> None:
        test = PropertyTest("EnergyConsumer.p", Comparison.LESS, "few")
        with pytest.raises(BadFilter):
            store.count(ElementFilter(properties=(test,)), EVERYTHING)

    def test_find__property_names_are_values_not_language(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        for name in ("$", '"', "a.b", "'; DROP TABLE parts; --", 'EnergyConsumer.p" OR 1'):
            test = PropertyTest(name, Comparison.PRESENT)
            assert chosen(store, properties=(test,)) == []

    def test_find__combines_filters(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        breaker, load = (
            ElementFilter(kinds=frozenset({kind})) for kind in ("Breaker", "EnergyConsumer")
        )
        assert chosen(store, any_of=(breaker, load)) == ["L1", "S1"]
        assert chosen(store, all_of=(breaker, load)) == []
        assert chosen(store, none_of=(breaker, load)) == ["F1"]
        assert chosen(store, none_of=(ElementFilter(any_of=(breaker, load)),)) == ["F1"]

    @pytest.mark.parametrize("order", list(ElementOrder))
    @pytest.mark.parametrize("descending", [False, True])
    def test_find__pages_follow_each_other_without_gap_or_repetition(
        self, store: GraphStore, order: ElementOrder, descending: bool
    ) -> None:
        kinds, names = ("Breaker", "Bay", "Fuse"), ("b", "A", "a", "")
        parts = [named(f"E{i}", kinds[i % 3], names[i % 4]) for i in range(11)]
        land(store, document(), *parts)
        whole = store.find(ElementFilter(), PageRequest(11, None, order, descending), EVERYTHING)
        seen: list[Element] = []
        page = ElementPage((), None, True)
        while page.has_next:
            asked = PageRequest(3, page.end, order, descending)
            page = store.find(ElementFilter(), asked, EVERYTHING)
            seen += page.elements
        assert seen == list(whole.elements)
        assert len(seen) == 11

    def test_find__orders_by_name_ignoring_case_and_by_kind(self, store: GraphStore) -> None:
        land(store, document(), named("1", "Fuse", "b"), named("2", "Bay", "C"),
             named("3", "Breaker", "A"), named("4", "Bay", "a"))  # fmt: skip
        by_name = store.find(ElementFilter(), PageRequest(order=ElementOrder.NAME), EVERYTHING)
        by_kind = store.find(ElementFilter(), PageRequest(order=ElementOrder.KIND), EVERYTHING)
        assert [e.mrid for e in by_name.elements] == ["3", "4", "1", "2"]
        assert [e.mrid for e in by_kind.elements] == ["2", "4", "3", "1"]

    def test_find__a_page_of_nothing_tells_whether_there_is_more(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        page = store.find(ElementFilter(), PageRequest(0), EVERYTHING)
        assert (page.elements, page.end, page.has_next) == ((), None, True)

    def test_count_by_kind__counts_what_the_filter_chooses(self, store: GraphStore) -> None:
        land(store, document(), *feeder(), part("L2", "EnergyConsumer"))
        wanted = ElementFilter(containers=frozenset({number(store, "F1")}))
        assert store.count_by_kind(wanted, EVERYTHING) == {"Breaker": 1, "EnergyConsumer": 1}

    def test_neighbours__come_by_link_name_direction_and_number(self, store: GraphStore) -> None:
        land(store, document(), *feeder(),
             part("T1", "Terminal", links={"Terminal.ConductingEquipment": "S1"}))  # fmt: skip
        f1, s1 = number(store, "F1"), number(store, "S1")
        of_f1, of_s1, none = store.neighbours([f1, s1, 999], EVERYTHING)
        assert [(n.link, n.outgoing, n.element.mrid) for n in of_f1] == [
            (CONTAINER, False, "L1"),
            (CONTAINER, False, "S1"),
        ]
        assert [(n.link, n.outgoing, n.element.mrid) for n in of_s1] == [
            (CONTAINER, True, "F1"),
            ("Terminal.ConductingEquipment", False, "T1"),
        ]
        assert none == []

    def test_neighbours__keep_links_by_name_and_neighbours_by_layer(
        self, store: GraphStore
    ) -> None:
        meter = part("M", "Meter", links={"EndDevice.UsagePoint": "S1", CONTAINER: "S1"})
        land(store, document(), part("S1", "UsagePoint"), meter, part("X", links={CONTAINER: "S1"}))
        s1 = [number(store, "S1")]
        (by_link,) = store.neighbours(s1, EVERYTHING, links=frozenset({CONTAINER, "No.link"}))
        (by_layer,) = store.neighbours(s1, EVERYTHING, layer=Layer.PHYSICAL)
        assert [n.element.mrid for n in by_link] == ["M", "X"]
        assert all(n.element.layer is Layer.PHYSICAL for n in by_layer)
        assert store.neighbours(s1, EVERYTHING, links=frozenset()) == [[]]
