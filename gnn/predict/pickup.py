"""Peaks after outages: the predictor behind the entry point `pickup`.

It answers from one bundle (L3), the shipped one or that in the folder GRIDSTRATA_BUNDLES names
(`outage-peak`), by whoever serves the level: boosted trees, or a table of ratios. Numpy does all
the work. What was learned is the mean of several runs, each on houses of its own.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

import gnn
from gnn.bundle.renewed import Renewed
from gnn.pickup.bundle import FOLDER, PickupBundle, read_pickup_bundle
from gnn.pickup.columns import columns
from gnn.pickup.models import BOOSTED
from gnn.pickup.table import LEVELS, Decision
from gnn.predict.loads import BUNDLES
from graph_service.ports.pickup_predictor import Pickup, PickupModel, PickupQuestion
from graph_service.ports.predictor import Rung

Floats = NDArray[np.float64]

NO_SLOPE: Final = "how much more it uses for a kelvin less"


def open_predictor() -> RenewedPickup:
    """The predictor with the bundle shipped or set, also where it is exchanged later.

    Raises:
        BundleError: the bundle is missing, damaged, or made for another program.
    """
    folder = Path(os.environ.get(BUNDLES) or Path(gnn.__file__).parent / "shipped") / FOLDER
    return RenewedPickup([folder], lambda: BundledPickup(read_pickup_bundle(folder)))


class BundledPickup:
    """A `PickupPredictor` that answers from a bundle."""

    def __init__(self, bundle: PickupBundle):
        self._bundle = bundle

    def peaks(self, question: PickupQuestion) -> list[Pickup]:
        """Answer a question, one answer a place; see the port."""
        places = question.places
        forecast = np.array([place.forecast_w for place in places])
        slopes = [p.slope_w_per_k for p in places]
        shown = columns(
            question.minutes,
            question.outdoor_c,
            question.hour,
            customers=np.array([float(place.customers) for place in places]),
            forecast_kw=forecast / 1e3,
            mean_kw=np.array([place.mean_w / 1e3 for place in places]),
            three_phase=np.array([place.three_phase for place in places]),
            slope_kw=np.array([np.nan if s is None else s / 1e3 for s in slopes]),
        )
        found = []
        for row, place in enumerate(places):
            level = int(place.is_feeder)
            decision = self._decision(LEVELS[level])
            asked = decision.served, shown[row : row + 1], np.array([level])
            [ratio] = self._bundle.learned.ratios(*asked)
            [hours] = self._bundle.learned.settling(*asked)
            is_model = decision.served == BOOSTED
            found.append(
                Pickup(
                    tuple(float(r) * place.forecast_w for r in ratio),
                    tuple(float(hour) for hour in hours),
                    Rung.MODEL if is_model else Rung.BASELINE,
                    self._facts(decision),
                    () if place.slope_w_per_k is not None else (NO_SLOPE,),
                    "" if is_model else _why_shut(decision),
                )
            )
        return found

    def _decision(self, level: str) -> Decision:
        return next(d for d in self._bundle.manifest.decisions if d.level == level)

    def _facts(self, decision: Decision) -> PickupModel:
        manifest = self._bundle.manifest
        return PickupModel(
            decision.served,
            manifest.version,
            str(manifest.data["words"]),
            decision.error,
            decision.baseline,
            decision.baseline_error,
        )


class RenewedPickup(Renewed[BundledPickup]):
    """The same with whatever bundle lies there, see `Renewed`."""

    def peaks(self, question: PickupQuestion) -> list[Pickup]:
        """Answer a question, one answer a place; see the port."""
        return self.now().peaks(question)


def _why_shut(decision: Decision) -> str:
    why = ", ".join(f"{said} in {split}" for split, said in decision.verdicts.items())
    return f"the model did not beat every baseline: {why}"
