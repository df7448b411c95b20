from __future__ import annotations

from math import sqrt

import pytest

from graph_service.services.limits import Limits
from tests.building import part
from tests.drawing import draw
from tests.unit.services.conftest import World

TEXT = "S1 /b1/ B2 =t1= B3 -l1- M4"
KV20 = part("kv20", "BaseVoltage", {"BaseVoltage.nominalVoltage": "20"})
AT_20 = {"ConductingEquipment.BaseVoltage": "kv20"}


def end(rated: str, name: str = "e1"):
    links = {"PowerTransformerEnd.PowerTransformer": "t1"}
    return part(name, "PowerTransformerEnd", {"PowerTransformerEnd.ratedS": rated}, links=links)


def limit(kind: str, value: str, where: dict[str, str], /, **of_type: str):
    yield part("set", "OperationalLimitSet", links=where)
    said = {f"OperationalLimitType.{name}": text for name, text in of_type.items()}
    yield part("type", "OperationalLimitType", said)
    links = {
        "OperationalLimit.OperationalLimitSet": "set",
        "OperationalLimit.OperationalLimitType": "type",
    }
    yield part("limit", kind, {f"{kind}.value": value}, links=links)


def found(world: World, mrid: str, *parts) -> float | None:
    world.hold(draw(TEXT, *parts))
    projection = world.network.projection()
    [element] = world.graph.by_mrid([mrid], world.access.scope(None))[0]
    at = int(projection.index_of([element.number])[0])
    told = Limits(world.network).of(projection, [at])
    return told[at].va if told else None


def test_limits__transformer_has_the_rating_of_its_larger_end(world):
    assert found(world, "t1", end("0.4"), end("0.25", "e2")) == pytest.approx(400_000)


def test_limits__transformer_is_bounded_by_a_lasting_limit(world):
    more = limit("ApparentPowerLimit", "0.3", {"OperationalLimitSet.Equipment": "t1"})
    assert found(world, "t1", end("0.4"), *more) == pytest.approx(300_000)


@pytest.mark.parametrize(
    "of_type",
    [
        {"isInfiniteDuration": "false", "acceptableDuration": "600"},
        {"kind": "LimitKind.tatl"},
        {"limitType": "LimitTypeKind.tatl"},
    ],
)
def test_limits__what_holds_for_some_time_only_is_passed_over(world, of_type):
    where = {"OperationalLimitSet.Equipment": "t1"}
    more = limit("ApparentPowerLimit", "0.3", where, **of_type)
    assert found(world, "t1", end("0.4"), *more) == pytest.approx(400_000)


def test_limits__line_carries_its_current_at_its_voltage(world):
    more = limit("CurrentLimit", "100", {"OperationalLimitSet.Terminal": "l1.1"})
    line = part("l1", links=AT_20)
    assert found(world, "l1", *more, KV20, line) == pytest.approx(sqrt(3) * 20_000 * 100)


def test_limits__single_phase_line_carries_a_third(world):
    more = limit("CurrentLimit", "100", {"OperationalLimitSet.Terminal": "l1.1"})
    line, terminal = part("l1", links=AT_20), part("l1.1", properties={"Terminal.phases": "AN"})
    said = found(world, "l1", *more, KV20, line, terminal)
    assert said == pytest.approx(20_000 / sqrt(3) * 100)


def test_limits__switch_carries_its_rated_current_in_the_voltage_of_its_level(world):
    level = part("level", "VoltageLevel", links={"VoltageLevel.BaseVoltage": "kv20"})
    inside = {"Equipment.EquipmentContainer": "level"}
    switch = part("b1", properties={"Switch.ratedCurrent": "630"}, links=inside)
    assert found(world, "b1", KV20, level, switch) == pytest.approx(sqrt(3) * 20_000 * 630)


def test_limits__files_in_volts_are_told_by_their_voltages(world):
    voltage = part("v", "BaseVoltage", {"BaseVoltage.nominalVoltage": "4160"})
    line = part("l1", links={"ConductingEquipment.BaseVoltage": "v"})
    assert found(world, "t1", voltage, line, end("400000")) == pytest.approx(400_000)


@pytest.mark.parametrize("rated", ["-0.4", "0", "nan", "inf", "much"])
def test_limits__rating_that_is_no_positive_number_is_none(world, rated):
    assert found(world, "t1", end(rated)) is None


def test_limits__are_looked_up_once_as_long_as_the_network_stays(world, monkeypatch):
    world.hold(draw(TEXT, end("0.4")))
    projection, asked = world.network.projection(), []
    [element] = world.graph.by_mrid(["t1"], world.access.scope(None))[0]
    at = int(projection.index_of([element.number])[0])
    look_up = world.network.elements
    monkeypatch.setattr(
        world.network, "elements", lambda *these: asked.append(these) or look_up(*these)
    )
    limits = Limits(world.network)
    first, times = limits.of(projection, [at]), len(asked)
    assert limits.of(projection, [at]) == first
    assert times == len(asked) > 0
