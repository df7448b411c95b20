from __future__ import annotations

from gnn.failures.log import MONTH_US, read_log
from graph_service.domain.events import Event
from graph_service.domain.readings import Window

ALWAYS = Window(0, 10 * MONTH_US)
NOW = 10 * MONTH_US


def happen(world, id, start_us, *mrids, kind="FAULT", known_us=None):
    subjects = tuple(f"drawn/{mrid}" for mrid in mrids)
    known = known_us or start_us
    world.timeline.append_events([Event("scada", id, kind, start_us, known, id, subjects=subjects)])


def test_read_log__counts_a_fault_for_each_element_it_is_about(world, assets):
    happen(world, "one", MONTH_US, "c1", "T1", "M1")
    happen(world, "warning", MONTH_US, kind="WEATHER_WARNING")
    happen(world, "alarm", MONTH_US, "c2", kind="ALARM")
    log = read_log(world.timeline, assets, ALWAYS, NOW)
    assert {assets.keys[row] for row in log.elements} == {"drawn/c1", "drawn/T1"}
    assert (len(log.warnings_us), list(log.begins_us)) == (1, [MONTH_US] * 2)


def test_read_log__fault_that_is_known_later_is_not_there(world, assets):
    happen(world, "one", MONTH_US, "c1", known_us=3 * MONTH_US)
    assert not len(read_log(world.timeline, assets, ALWAYS, 2 * MONTH_US).elements)
    log = read_log(world.timeline, assets, ALWAYS, 4 * MONTH_US)
    assert len(log.elements) == 1
    assert not len(log.until(2 * MONTH_US).elements)
    assert len(log.known_by(2 * MONTH_US).until(2 * MONTH_US).elements) == 1


def test_failed__is_what_began_within_the_window(world, assets):
    happen(world, "one", MONTH_US, "c1")
    log = read_log(world.timeline, assets, ALWAYS, NOW)
    windows = [(0, MONTH_US), (MONTH_US, 2 * MONTH_US)]
    assert [log.failed(len(assets), *w).sum() for w in windows] == [0, 1]


def test_read_log__more_than_a_page_is_read_whole(world, assets):
    world.timeline.append_events(
        Event("scada", f"{n:04d}", "FAULT", MONTH_US + n, MONTH_US + n, "x", subjects=("drawn/c1",))
        for n in range(1_002)
    )
    assert len(read_log(world.timeline, assets, ALWAYS, NOW).elements) == 1_002
