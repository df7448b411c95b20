"""The card of the risk of failures, written from its manifest."""

from __future__ import annotations

from typing import Final

from gnn.failures.bundle import Manifest
from gnn.failures.table import Row, markdown

_WHAT: Final = """\
The chance that a cable, a transformer or a switch has a fault within the next 30 days, from its
age, kind, length and expected load, warnings of the weather service, and earlier faults of it and
around it. Learned from a truth that was made up and is
[stated](failures.md#the-truth); how often anything fails is taken from the network's own record.
"""
_LIMITS: Final = """\
- No real fault was ever seen in training or judging. The hazard has the shapes that the literature
  gives, with figures of this project; what a model finds in it need not be in your network. The
  field on the graph shares that form, not its figures.
- Three years of faults on record are needed for it to be what was judged; with less it says so.
- Loading is the expected power of the customers below, not what was measured.
- The table says nothing about causes. A factor is by how much the risk changes where the element is
  made as usual in that respect.

Do not use it to leave a defect unmended, to decide on safety, or to judge a crew or a maker."""


def card(manifest: Manifest) -> str:
    """Markdown."""
    decision = manifest.decision
    made = ", ".join(f"{name} {version}" for name, version in sorted(manifest.versions.items()))
    verdicts = "; ".join(f"{split}: {said}" for split, said in decision.verdicts.items())
    rows = [Row(**each) for each in manifest.evaluation]
    return "\n".join(
        [
            f"# Model card: F2, version {manifest.version}\n",
            "Written from the bundle by `gridstrata-gnn`; do not change this page.\n",
            _WHAT,
            "| | |",
            "| --- | --- |",
            f"| gate | {'open' if decision.gate_open else 'shut'} ({verdicts}) |",
            f"| serves | {decision.served}, average precision {decision.average_precision:.4f} |",
            f"| next best | {decision.baseline}, {decision.baseline_precision:.4f} |",
            f"| learned from | {manifest.data['words']}, data `{manifest.data['hash'][:12]}` |",
            f"| columns | {len(manifest.columns)} |",
            f"| seeds | {len(manifest.seeds)}, each a truth of its own; what is said is the mean |",
            f"| made with | {made} |",
            f"| licence | {manifest.licence} |\n",
            markdown(rows),
            "## Where not to use it\n",
            _LIMITS,
            "",
        ]
    )
