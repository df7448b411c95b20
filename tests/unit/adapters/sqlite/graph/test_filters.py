"""A scope is asked in two ways, by how large it is; both must choose the same."""

from contextlib import closing

import pytest

from graph_service.adapters.sqlite.graph import filters
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.domain.filters import ElementFilter
from tests.building import document
from tests.contracts.graph_cases import chosen, land, owned, scope_of


@pytest.mark.parametrize("few", [0, 1_000_000])
def test_scope__large_or_small_chooses_the_same(tmp_path, monkeypatch, few):
    monkeypatch.setattr(filters, "_FEW", few)
    with closing(SqliteGraph(tmp_path)) as store:
        land(store, document(), *owned())
        scope = scope_of(store, "A")
        assert chosen(store, scope) == ["A", "F1", "L1", "PA", "RA", "S1"]
        none = ElementFilter(none_of=(ElementFilter(kinds=frozenset({"Breaker"})),))
        assert store.count(none, scope) == 5
