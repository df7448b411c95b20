from __future__ import annotations

import pytest

from gnn.failures.models import BOOSTED, GRAPH, MODELS
from gnn.failures.table import HAZARD, SPLITS, Row, decide, markdown


def rows(graph: tuple[float, ...], boosted: tuple[float, ...], split: str) -> list[Row]:
    found = []
    for seed in range(3):
        for name in (*MODELS, HAZARD):
            precision = {GRAPH: graph[seed], BOOSTED: boosted[seed]}.get(name, 0.05)
            found.append(Row(split, name, seed, 100, 5, 0.8, precision, 0.01, 1.0, 1.0, 5.0))
    return found


@pytest.mark.parametrize(
    ("graph", "said", "served"),
    [
        ((0.30, 0.31, 0.32), "better", GRAPH),
        ((0.20, 0.21, 0.225), "tie", BOOSTED),
        ((0.10, 0.11, 0.12), "worse", BOOSTED),
    ],
)
def test_decide__graph_model_serves_where_it_is_better_by_more_than_the_spread(graph, said, served):
    boosted = (0.20, 0.21, 0.22)
    table = [row for split in SPLITS for row in rows(graph, boosted, split)]
    found = decide(table)
    assert found.verdicts == dict.fromkeys(SPLITS, said)
    assert (found.served, found.gate_open) == (served, served == GRAPH)


def test_decide__one_split_that_is_no_better_shuts_the_gate():
    table = rows((0.3, 0.3, 0.3), (0.2, 0.2, 0.2), SPLITS[0])
    table += rows((0.2, 0.2, 0.2), (0.2, 0.2, 0.2), SPLITS[1])
    assert not decide(table).gate_open


def test_markdown__best_is_bold_ties_are_marked_and_the_hazard_is_neither():
    table = [r for split in SPLITS for r in rows((0.2, 0.21, 0.22), (0.2, 0.2, 0.23), split)]
    lines = [line for line in markdown(table).splitlines() if line.startswith("| later")]
    assert [line for line in lines if "**" in line or "=" in line] == [lines[2], lines[4]]
    assert lines[-1].split("|")[2].strip() == HAZARD
