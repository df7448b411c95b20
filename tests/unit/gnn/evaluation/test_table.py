"""The table: means and spreads over seeds, the best other one, ties."""

import pytest

from gnn.evaluation.table import Row, best_baseline, lines, verdict


def row(model, pinball, seed=0, split="unseen networks", task="L2", level="transformer"):
    """A row with what matters here."""
    return Row(task, level, split, model, seed, 10, pinball, 2 * pinball, 0.8)


def test_lines__are_means_with_the_spread_over_seeds():
    [line] = lines([row("m", 0.1, 1), row("m", 0.2, 2), row("m", 0.3, 3)])
    assert (line.pinball, line.spread, line.seeds) == pytest.approx((0.2, 0.1, 3))


def test_best_baseline__is_none_of_the_model_itself():
    table = lines([row("m", 0.1), row("m mean", 0.05), row("m with b", 0.01), row("b", 0.2)])
    assert best_baseline(table, "L2", "transformer", "unseen networks", "m").model == "b"


def test_best_baseline__where_there_is_none__is_an_error():
    with pytest.raises(KeyError):
        best_baseline(lines([row("m", 0.1)]), "L2", "transformer", "unseen networks", "m")


@pytest.mark.parametrize(("loss", "said"), [(0.09, "better"), (0.0995, "tie"), (0.11, "worse")])
def test_verdict__within_the_spread_is_a_tie(loss, said):
    mine, other = lines([row("m", loss), row("b", 0.1)])
    assert verdict(mine, other, 0.001) == said
