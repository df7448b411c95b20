"""What each idea brings to where a fault is: top 1 and log loss by split, as a page."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, stdev

from gnn.faults.table import Row

ONE: tuple[str, ...] = (", one network", ", one")
"""What the names of single networks end with, whose spread is shown beside their mean."""


def ablation_page(rows: Sequence[Row], words: str, seeds: int) -> str:
    """The page: what was done (data in words, networks a variant), and the table."""
    splits = list(dict.fromkeys(row.split for row in rows))
    names = [n for n in dict.fromkeys(row.model for row in rows) if not n.endswith(ONE)]
    head = ["variant", *(f"{split}: top 1 | log loss" for split in splits), "± seeds"]
    lines = [
        "# What each idea brings to where a fault is\n",
        "Written by `gridstrata-gnn ablate-faults`; run it again, do not change this page. The "
        f"graph network is trained anew with one thing changed ({seeds} seeds, their odds "
        f"averaged), on {words}; mean of sensors at 30, 10 and 3 % of the nodes. `± seeds` is the "
        "spread of top 1 of single networks, the mean over the splits.\n",
        f"| {' | '.join(head)} |",
        "| --- |" + " ---: |" * (2 * len(splits) + 1),
    ]
    lines += [f"| {name} | {_cells(rows, name, splits)} |" for name in names]
    return "\n".join(lines) + "\n"


def _cells(rows: Sequence[Row], name: str, splits: Sequence[str]) -> str:
    cells = []
    for split in splits:
        mine = [row for row in rows if (row.model, row.split) == (name, split)]
        cells += [f"{fmean(r.top1 for r in mine):.1%}", f"{fmean(r.log_loss for r in mine):.2f}"]
    return " | ".join([*cells, _spread(rows, name, splits)])


def _spread(rows: Sequence[Row], name: str, splits: Sequence[str]) -> str:
    found = []
    for split in splits:
        by_seed: dict[int, list[float]] = {}
        for row in rows:
            if row.split == split and row.model in {name + end for end in ONE}:
                by_seed.setdefault(row.seed, []).append(row.top1)
        if len(by_seed) > 1:
            found.append(stdev([fmean(tops) for tops in by_seed.values()]))
    return f"{fmean(found):.1%}" if found else ""
