"""A SimBench network goes through the importer, whole, energised, with nothing to complain of."""

from collections import Counter
from contextlib import ExitStack

import pytest

from cim_import.foreign.pandapower_net import write_pandapower
from gnn.features.grid import LEVELS, read_grid
from graph_service import bootstrap
from graph_service.bootstrap.stores import Stores, open_stores
from graph_service.domain.access import EVERYTHING, Caller, Right
from graph_service.domain.errors import InvalidCall
from graph_service.settings import Settings
from graph_service.topology.projection import Projection
from tests.unit.cim_import.foreign.nets import small_net

ADMIN = Caller("test", EVERYTHING, frozenset({Right.ADMIN}))


def _imported(net, folder):
    write_pandapower(net, folder / "delivery")
    with bootstrap.open_services(Settings(data=folder / "data")) as house:
        return house.imports.take([folder / "delivery"], ADMIN, into="net")


def _grid(stores: Stores):
    return read_grid(stores.graph, Projection.build(stores.graph.scan()))


def test_network__is_imported_without_a_finding(tmp_path):
    net = small_net()
    _, run = _imported(net, tmp_path)
    assert run.findings == ()
    assert run.kinds["ACLineSegment"] == len(net.line)
    assert run.kinds["EnergyConsumer"] == len(net.load)


def test_loads__hang_below_the_transformer_by_feeder(tmp_path):
    net = small_net()
    _imported(net, tmp_path)
    with ExitStack() as closing:
        grid = _grid(open_stores(Settings(data=tmp_path / "data"), closing))
    found = Counter(LEVELS[level].value for level in grid.levels)
    assert found == {"transformer": 1, "lv_feeder": 4}
    assert len(grid.customers) == len(net.load)
    assert grid.customers.expected_w.sum() == pytest.approx(1e6 * net.load.p_mw.sum())


def test_equal_networks__give_equal_bytes(tmp_path):
    one, two = (write_pandapower(small_net(), tmp_path / name) for name in ("one", "two"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_table_that_is_not_converted__is_refused_by_name(tmp_path):
    net = small_net()
    net.storage = net.load.copy()
    with pytest.raises(InvalidCall, match="rows in the table storage"):
        write_pandapower(net, tmp_path)


def test_loads_behind_an_open_switch__are_not_supplied(tmp_path):
    net = small_net()
    net.switch.loc[0] = {"bus": net.line.from_bus[0], "element": 0, "et": "l", "type": "CB",
                         "closed": False, "name": "S"}  # fmt: skip
    _imported(net, tmp_path)
    with ExitStack() as closing:
        grid = _grid(open_stores(Settings(data=tmp_path / "data"), closing))
    assert 0 < len(grid.customers) < len(net.load)
