"""Figures: well-formed drawings, one bar a model."""

from lxml import etree

from gnn.evaluation.figures import figures
from tests.unit.gnn.evaluation.test_table import row


def test_figures__draw_a_bar_for_every_model_of_every_level():
    rows = [row(m, 0.1, level=level) for m in "abc" for level in ("transformer", "lv_feeder")]
    drawn = figures(rows)
    assert set(drawn) == {"losses-L2", "coverage-L2"}
    root = etree.fromstring(drawn["losses-L2"].encode())
    texts = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts.count("0.1000") == 6
    assert "lv feeder" in texts
