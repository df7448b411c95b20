"""The graph network with one idea changed: its loss by level on unseen networks.

Every variant is trained, calibrated and judged on the same snapshots; what is said is the mean over
the seeds of the configuration.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gnn.config import Config
from gnn.datasets.parts import Parts, Role
from gnn.datasets.stack import Stack
from gnn.evaluation.judging import scored
from gnn.evaluation.table import SPLITS
from gnn.features.catalogue import NAMES
from gnn.features.grid import LEVELS
from gnn.models.reconciling import Sums
from gnn.models.sage import MEDIAN, QUANTILES, Sage, mean_quantiles
from gnn.models.tree import Tree
from gnn.training.answers import calibration_days, moved, shifts
from gnn.training.fit import fit
from gnn.training.run import learned_rows
from graph_service.ports.predictor import Level

Array = NDArray[np.float32]
Change = Callable[[Stack, Array], Array]

_TEN, _NINETY = QUANTILES.index(0.1), QUANTILES.index(0.9)


class Bench:
    """Snapshots of a task, and the losses of variants on them.

    Args:
        task: `L1` or `L2`.
        networks: Learned from, calibrating, unseen.
        config: What every variant starts from.
    """

    def __init__(self, task: str, networks: Sequence[Parts], config: Config):
        self._task, self._config = task, config
        learned = [n for n in networks if n.role is Role.LEARN]
        share = config.data.metered
        unseen = [
            n for n in networks if n.role is Role.UNSEEN and n.metered == share and not n.alike
        ]
        self._usual = config.model.corrected(task)
        self._train, self._validation = (
            Stack.of([n.by_part[part] for n in learned]) for part in ("train", "validation")
        )
        self._rows = learned_rows(learned, self._train, config)
        self._days = calibration_days(networks, self._rows, self._usual)
        self._test = Stack.of([n.by_part["test"] for n in unseen])

    def trained(self, corrected: str = "", apart: bool = False, **changes: Any) -> dict[str, float]:
        """Losses with the configuration of the model changed, another estimate corrected, or with
        the spread that as many independent customers would have."""
        networks = self.networks(corrected, apart, **changes)
        return self._losses(networks, corrected, apart)

    def networks(self, corrected: str = "", apart: bool = False, **changes: Any) -> list[Sage]:
        """Train a variant: one network a seed."""
        stacks = (self._train, self._validation)
        train, validation = (self._seen(each, corrected, apart) for each in stacks)
        model = replace(self._config.model, **changes)
        return [fit(train, self._rows, validation, model, s).weights for s in model.seeds]

    def together(self, networks: Sequence[Sage]) -> dict[str, float]:
        """Losses of the mean of some networks."""
        return self._losses(networks)

    def reconciled(self, networks: Sequence[Sage]) -> dict[str, float]:
        """Losses where sums over children are made to agree with the parent."""
        return self._losses(networks, change=_agreeing)

    def alone(self, networks: Sequence[Sage]) -> dict[str, float]:
        """Mean losses of single networks."""
        found = [self._losses([each]) for each in networks]
        return {level: float(np.mean([each[level] for each in found])) for level in found[0]}

    def _seen(self, stack: Stack, corrected: str, apart: bool) -> Stack:
        found = stack.correcting(corrected or self._usual)
        return _of_independent(found, self._task) if apart else found

    def _losses(
        self,
        networks: Sequence[Sage],
        corrected: str = "",
        apart: bool = False,
        change: Change | None = None,
    ) -> dict[str, float]:

        def said(stack: Stack) -> Array:
            return mean_quantiles(networks, Tree.of(stack.parents), stack.features)

        days = [
            replace(each, stack=self._seen(each.stack, corrected, apart)) for each in self._days
        ]
        found = shifts(days, [said(each.stack) for each in days])
        test = self._seen(self._test, corrected, apart)
        scaled = moved(found, test, said(test))
        loads = test.base[:, :, None] + test.scale[:, :, None] * scaled
        loads = loads if change is None else change(test, loads)
        rows = scored(self._task, SPLITS[2], ("", 0), test, None, loads)
        return {row.level: row.pinball for row in rows}


def _of_independent(stack: Stack, task: str) -> Stack:
    """The same with the spread that as many independent customers would have, as scale."""
    alone, usual = (
        stack.features[:, :, NAMES.index(name)]
        for name in ("unread" if task == "L1" else "spread", "usual_miss")
    )
    scale: Array = (stack.scale * alone / np.exp(usual)).astype(np.float32)
    return replace(stack, scale=scale)


def _agreeing(stack: Stack, loads: Array) -> Array:
    counts = np.expm1(stack.features[:, 0, NAMES.index("customers")].astype(np.float64))
    giving = stack.levels != LEVELS.index(Level.SECTION)
    sums = Sums.of(stack.parents, np.rint(counts).astype(np.int64), giving)
    wide = (loads[:, :, _NINETY] - loads[:, :, _TEN]).astype(np.float64) ** 2
    by = sums.moves(loads[:, :, MEDIAN].astype(np.float64), wide)
    agreeing: Array = (loads + by[:, :, None]).astype(np.float32)
    return agreeing
