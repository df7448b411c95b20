"""The page about events lists the kinds of the table."""

from graph_service.domain import tables
from tests.docs.examples import ROOT
from tests.docs.printing import code, table


def test_kinds_of_events__are_those_of_the_table():
    rows = ((code(r.name), "yes" if r.lasts else "", r.meaning) for r in tables.event_kinds())
    page = (ROOT / "docs" / "reference" / "events.md").read_text(encoding="utf-8")
    assert table(("Kind", "Lasts", "Meaning"), rows) in page
