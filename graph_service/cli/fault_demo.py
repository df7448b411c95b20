"""The end of the demo: a fault is simulated, and located from what is observed of it."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from graph_service.api.schema import execute
from graph_service.cli.output import say
from graph_service.services.access import OPEN_CALLER
from graph_service.services.house import Services

SIMULATED: Final = """\
query {
  faultRehearsal(kind: AB, ohm: 2.0, sensors: 0.3, seed: 2) {
    section tripped silent silentCount
    sensors { element volts amperes voltAngles ampereAngles amperesBefore }
  }
}"""
LOCATED: Final = """\
query ($observations: FaultObservationsInput!) {
  faultLocation(observations: $observations, first: 3) {
    sections { probability lengthM kind ohm element { mRID name } }
    sectionCount walkM rung evidence
    model { name top1 level } baselines { name probability top1 element { name } }
  }
}"""


def locate_simulated_fault(house: Services) -> None:
    """Simulate a fault somewhere in the medium voltage, and ask where it is."""
    say("\n--- and where a fault is, simulated with 1 % noise\n")
    say(LOCATED)
    made = _asked(house, SIMULATED, {})
    if made is None:
        return
    seen = made["faultRehearsal"]
    given = {name: seen[name] for name in ("sensors", "tripped", "silent")}
    found = _asked(house, LOCATED, {"observations": given})
    say("\nanswer:")
    if found is not None:
        _show(house, seen, found["faultLocation"])


def _asked(house: Services, query: str, variables: dict[str, Any]) -> dict[str, Any] | None:
    answer = asyncio.run(execute(house, query, variables, OPEN_CALLER))
    for error in answer.get("errors", ()):
        say(f"error: {error['message']}")
    data: dict[str, Any] | None = answer["data"]
    return None if answer.get("errors") else data


def _show(house: Services, seen: dict[str, Any], found: dict[str, Any]) -> None:
    model = found["model"]
    for words in found["evidence"]:
        say(f"  seen: {words}")
    if model is None:
        say("  nothing can be said")
        return
    right = f"right {model['top1']:.0%} of the time with {model['level']}"
    say(f"  {found['rung']} {model['name']}, {right}:")
    for section in found["sections"]:
        length, ohm = f"{section['lengthM']:5,.0f} m", f"{section['ohm']:.1f} ohm"
        name = section["element"]["name"]
        say(f"  {section['probability']:6.1%}  {name:<28} {length}  {section['kind']} {ohm}")
    say(f"  of {found['sectionCount']} sections; {found['walkM']:,.0f} m to walk on average")
    for other in found["baselines"]:
        say(f"  {other['name']} says {other['element']['name']}, odds {other['probability']:.1%}")
    [true] = house.neighbourhood.by_keys([seen["section"]], OPEN_CALLER.scope)
    say(f"  it was on {true.name if true else seen['section']}")
