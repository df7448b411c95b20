"""A run for each seed gives the same wherever it is made."""

from __future__ import annotations

import os

from gnn.training.seeds import with_each


def drawn(seed: int) -> tuple[int, bool]:
    return seed * seed, os.environ.get("MADE_BY") == str(os.getpid())


def test_with_each__in_two_processes__gives_the_same_in_the_same_order(monkeypatch):
    monkeypatch.setenv("MADE_BY", str(os.getpid()))
    here, elsewhere = (with_each([3, 1, 2], drawn, workers) for workers in (1, 2))
    assert here == [(9, True), (1, True), (4, True)]
    assert elsewhere == [(9, False), (1, False), (4, False)]
