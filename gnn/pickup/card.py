"""The card of the peak after an outage, written from its manifest."""

from __future__ import annotations

from typing import Final

from gnn.pickup.bundle import Manifest
from gnn.pickup.table import Row, markdown

_WHAT: Final = """\
The highest ten-minute mean of a transformer or feeder when it gets supply back after an outage of
so many minutes at such a temperature, and the hours until its load is as usual, from the forecast
of the hour as if nothing had happened. Learned from simulated houses (see
[the page of the task](pickup.md)).
"""
_LIMITS: Final = """\
- No real outage was ever seen. Houses have thermostats as Ihara and Schweppe described them (1981),
  boilers, fridges and chargers, with figures of this project; solar power is left out.
- Where nobody says how much more a place uses for a kelvin less, who heats with electricity is only
  guessed from phases and load, and errors are larger: see the split with the slope known.
- A place is switched on at once. Voltage, fuses and what protection makes of it are not looked at.

Do not use it to decide whether equipment may be switched on: it is a figure for planning."""


def card(manifest: Manifest) -> str:
    """Markdown."""
    made = ", ".join(f"{name} {version}" for name, version in sorted(manifest.versions.items()))
    rows = [Row(**each) for each in manifest.evaluation]
    served = [
        f"| {d.level} | {'open' if d.gate_open else 'shut'} | {d.served} | {d.error:.4f} "
        f"| {d.baseline} | {d.baseline_error:.4f} | {1 - d.error / d.baseline_error:+.1%} "
        f"| {d.coverage_80:.1%} | {'; '.join(f'{s}: {v}' for s, v in d.verdicts.items())} |"
        for d in manifest.decisions
    ]
    return "\n".join(
        [
            f"# Model card: L3, version {manifest.version}\n",
            "Written from the bundle by `gridstrata-gnn`; do not change this page.\n",
            _WHAT,
            "| level | gate | serves | error | next best | error | less | 80 % covers | splits |",
            "| --- | --- | --- | ---: | --- | ---: | ---: | ---: | --- |",
            *served,
            "\nErrors are those of the median peak over the mean peak, at places not seen.\n",
            "| | |",
            "| --- | --- |",
            f"| learned from | {manifest.data['words']} |",
            f"| columns | {len(manifest.columns)} |",
            f"| seeds | {len(manifest.seeds)}, houses of its own each; what is said is the mean |",
            f"| made with | {made} |",
            f"| licence | {manifest.licence} |\n",
            markdown(rows),
            "## Where not to use it\n",
            _LIMITS,
            "",
        ]
    )
