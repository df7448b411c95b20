from __future__ import annotations

import numpy as np
import pytest

from graph_service.domain.readings import from_us


def row(assets, mrid):
    return assets.keys.index(f"drawn/{mrid}")


def test_read_assets__has_cables_transformers_and_switches(assets):
    names = {key.partition("/")[2] for key in assets.keys}
    assert names == {"l1", "f1", "c1", "c2", "c3", "T1", "T2", "x1", "x2", "s1"}
    assert [int(assets.kinds[row(assets, m)]) for m in ("c1", "T1", "f1")] == [0, 1, 2]


def test_read_assets__date_is_that_of_the_asset_and_unknown_where_none_is_stated(assets):
    assert from_us(int(assets.installed_us[row(assets, "c1")])).year == 1990
    assert np.isnan(assets.installed_us[row(assets, "c2")])


def test_read_assets__length_in_kilometres_and_power_in_megavoltamperes_are_told(assets):
    assert assets.lengths_m[row(assets, "c1")] == pytest.approx(250)
    below = assets.expected_w[row(assets, "T1")]
    assert assets.loading[row(assets, "T1")] == pytest.approx(below / 400_000)
    assert np.isnan(assets.loading[row(assets, "T2")])


def test_read_assets__neighbours_meet_at_a_node_whatever_the_switches_say(assets):
    def near(mrid):
        begin, end = assets.adjacency.indptr[row(assets, mrid) :][:2]
        return {assets.keys[i].partition("/")[2] for i in assets.adjacency.indices[begin:end]}

    assert near("c2") == {"c1", "T1", "T2", "c3"}
    assert near("s1") == {"c3"}


def test_read_assets__what_is_supplied_from_nowhere_has_no_depth(assets):
    assert np.isnan(assets.depths[row(assets, "s1")])
    assert assets.depths[row(assets, "c2")] > assets.depths[row(assets, "c1")] > 0
