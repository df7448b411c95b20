"""The query this service is for: a trace, what it met, and the load of its meters, in one."""

from tests.api.conftest import World

BELOW = """
query Below($start: ID!, $from: DateTime!, $to: DateTime!) {
  trace(start: $start, kind: DOWNSTREAM, state: PRESENT) {
    revision totalCount truncated
    countByKind { kind count }
    steps(first: 100) {
      nodes { depth stopReason element { mRID kind name } }
      pageInfo { hasNextPage endCursor }
    }
    series(quantity: ENERGY_IN, start: $from, stop: $to, resolution: "PT1H", aggregate: SUM) {
      unit times values quality coverage memberCount reportingCount
      availableRange { start stop }
    }
  }
}
"""
DAY = {"start": "t1", "from": "2026-01-01T00:00:00Z", "to": "2026-01-01T03:00:00Z"}


def test_below__gives_the_steps_with_reasons_where_branches_end(world: World) -> None:
    world.draw()
    trace = world.data(BELOW, DAY)["trace"]
    ends = {
        step["element"]["mRID"]: step["stopReason"]
        for step in trace["steps"]["nodes"]
        if step["stopReason"]
    }
    assert ends == {"s1": "OPEN", "M4": "END"}
    assert (trace["revision"], trace["truncated"]) == (1, False)
    assert trace["totalCount"] == sum(row["count"] for row in trace["countByKind"]) == 8


def test_below__sums_the_usage_points_hour_by_hour_with_coverage(world: World) -> None:
    world.draw(TWO_METERS)
    world.read("M4.usage", "2026-01-01T00:00Z", [100, 200, 300])
    world.read("M6.usage", "2026-01-01T00:00Z", [10])
    series = world.data(BELOW, DAY)["trace"]["series"]
    assert series["values"] == [110, 200, 300]
    assert series["coverage"] == [1, 0.5, 0.5]
    assert series["quality"] == ["GOOD", "PARTIAL", "PARTIAL"]
    assert (series["memberCount"], series["reportingCount"], series["unit"]) == (2, 2, "Wh")
    assert series["times"][1] == "2026-01-01T01:00:00Z"


def test_below__an_empty_series_says_what_range_exists(world: World) -> None:
    world.draw()
    world.read("M4.usage", "2025-12-01T00:00Z", [1, 2])
    series = world.data(BELOW, DAY)["trace"]["series"]
    assert series["values"] == [None, None, None]
    assert series["availableRange"]["start"] == "2025-12-01T00:00:00Z"


def test_below__costs_one_batched_call_for_each_question(world: World) -> None:
    world.draw(TWO_METERS)
    for usage_point in ("M4.usage", "M6.usage"):
        world.read(usage_point, "2026-01-01T00:00Z", [100] * 4)
    assert world.calls(BELOW, DAY) == {
        "by_mrid": 1,  # the start
        "elements": 1,  # the page of steps, with the usage points
        "series": 1,  # which series they have
        "aggregate": 1,
        "available": 1,
    }


def test_below__a_window_the_wrong_way_round_leaves_the_trace_standing(world: World) -> None:
    world.draw()
    answer = world.ask(BELOW, DAY | {"to": "2025-01-01T00:00:00Z"})
    assert answer["data"]["trace"]["totalCount"] == 8
    assert answer["data"]["trace"]["series"] is None
    assert answer["errors"][0]["extensions"]["code"] == "BAD_WINDOW"


TWO_METERS = """
    S1 -l1- B2 =t1= B3 -l2- M4
    B3 -l3- M6
"""
