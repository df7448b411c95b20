import pytest

from graph_service.domain.switching import StateBits, boolean, state_bits


@pytest.mark.parametrize(
    ("properties", "bits"),
    [
        ({}, 0),
        ({"Switch.normalOpen": "true"}, StateBits.NORMALLY_OPEN | StateBits.OPEN),
        (
            {"Switch.normalOpen": "true", "Switch.open": "false"},
            StateBits.NORMALLY_OPEN | StateBits.PRESENT_GIVEN,
        ),
        ({"Switch.open": "True"}, StateBits.OPEN | StateBits.PRESENT_GIVEN),
        (
            {"Equipment.normallyInService": "false"},
            StateBits.NORMALLY_OUT_OF_SERVICE | StateBits.OUT_OF_SERVICE,
        ),
        ({"Equipment.inService": "false"}, StateBits.OUT_OF_SERVICE),
        ({"ACDCTerminal.connected": "false"}, StateBits.DISCONNECTED),
        ({"ConnectivityNode.boundaryPoint": "true"}, StateBits.BOUNDARY),
        ({"SvSwitch.open": "true"}, StateBits.OPEN),
        ({"SvStatus.inService": "false"}, StateBits.OUT_OF_SERVICE),
    ],
)
def test_state_bits__are_read_off_the_properties(properties: dict[str, str], bits: int) -> None:
    assert state_bits(properties) == bits


def test_boolean__text_that_is_none_is_not_taken_for_false() -> None:
    assert boolean("maybe") is None
    assert boolean(None) is None
    assert boolean(" FALSE ") is False
