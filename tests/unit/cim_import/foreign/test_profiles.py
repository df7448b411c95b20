"""Profiles become hourly energy: what is used less what is generated at the same bus."""

import csv
from datetime import UTC, datetime

import numpy as np
import pytest

from cim_import.foreign.pandapower_net import mrid_of
from cim_import.foreign.profiles import write_profiles
from tests.unit.cim_import.foreign.nets import small_net

NOON = datetime(2016, 6, 1, tzinfo=UTC)


def _energy(net, folder, noise=0.0, days=2):
    found = {}
    lines = write_profiles(net, folder, NOON, days, noise, 1).read_text().splitlines()
    for row in csv.reader(lines[1:]):
        found.setdefault((row[0], row[1]), []).extend(map(int, row[5:]))
    return {key: np.array(values) for key, values in found.items()}


def test_energy_of_a_load__is_the_hourly_mean_of_its_profile(tmp_path):
    net = small_net()
    net.sgen = net.sgen.iloc[:0]
    load = net.load.iloc[0]
    first = 4 * 24 * (NOON - datetime(2016, 1, 1, tzinfo=UTC)).days
    profile = net.profiles["load"][f"{load.profile}_pload"].to_numpy()[first : first + 192]
    energy = _energy(net, tmp_path)[mrid_of(net, "load", net.load.index[0]), "ENERGY_IN"]
    assert energy == pytest.approx(1e6 * load.p_mw * profile.reshape(-1, 4).mean(1), abs=0.6)


def test_what_is_generated_at_the_bus__is_given_where_it_is_more_than_is_used(tmp_path):
    found = _energy(small_net(), tmp_path)
    given = [key for key in found if key[1] == "ENERGY_OUT"]
    assert given
    assert all((found[key] * found[key[0], "ENERGY_IN"] == 0).all() for key in given)


def test_noise__tells_loads_of_one_profile_apart_and_keeps_their_mean(tmp_path):
    net = small_net()
    net.sgen = net.sgen.iloc[:0]
    plain, noisy = _energy(net, tmp_path, days=20), _energy(net, tmp_path, 0.3, 20)
    assert sum(v.sum() for v in noisy.values()) == pytest.approx(
        sum(v.sum() for v in plain.values()), rel=0.05
    )
    assert any((plain[key] != noisy[key]).any() for key in plain)


def test_days__are_cut_at_the_end_of_the_year(tmp_path):
    assert len(next(iter(_energy(small_net(), tmp_path, days=999).values()))) == 24 * 214
