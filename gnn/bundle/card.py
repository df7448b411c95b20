"""The card of a model, written from its manifest: what it is, what it is for, what it is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gnn.bundle.manifest import Manifest

_WHAT: Final = {
    "L1": "The load of the last whole hour at transformers, feeders and line sections, from the "
    "meters and feeder heads that were read in that hour.",
    "L2": "The load of each of the next 48 hours at transformers, feeders and line sections, from "
    "what was known when it was asked.",
}
_LIMITS: Final = """\
- Learned from generated towns alone. Their loads are invented: in every third town customers follow
  a few shared profiles, in the others each hour of each customer has noise of its own; one sky lies
  over all panels, and there is no battery. On networks of SimBench bands still cover less than they
  say; see [networks it never saw](simbench.md). Train on your own readings before you rely on it.
- Readings were taken as known when their hour ended. Where meters are read a day late, the load
  now is filled from the day before, and nobody has judged that.
- No weather goes in. A cold snap or a cloudy day is seen only once it is in the readings.
- Hours are UTC, weekends are Saturday and Sunday. Public holidays are not known: they are foretold
  as working days.
- The bands hold on the average over networks; above is what the least and the most of one was.
- An outage, a fault or a switching in the time looked back on is taken for load that fell.

Do not use it to switch, to protect, to bill, or for a network in which loads go around a loop."""


def card(manifest: Manifest) -> str:
    """Markdown."""
    return "\n".join(
        [
            f"# Model card: {manifest.task}, version {manifest.version}\n",
            "Written from the bundle by `gridstrata-gnn evaluate`; do not change this page.\n",
            _WHAT[manifest.task] + "\n",
            *_facts(manifest),
            "\n## Who serves\n",
            "| level | gate | serves | pinball | next best | pinball | 80 % covers |",
            "| --- | --- | --- | ---: | --- | ---: | ---: |",
            *_served(manifest),
            "\nOn networks that nothing was learned from, 30 % of the meters seen. The gate opens "
            "where every other one is beaten in every split by more than the spread over seeds:\n",
            "| level | " + " | ".join(_splits(manifest)) + " |",
            "| --- |" + " --- |" * len(_splits(manifest)),
            *_verdicts(manifest),
            *_covered(manifest),
            "\n## Where not to use it\n",
            _LIMITS,
            "",
        ]
    )


def _facts(manifest: Manifest) -> list[str]:
    made = ", ".join(f"{name} {version}" for name, version in sorted(manifest.versions.items()))
    return [
        "| | |",
        "| --- | --- |",
        f"| architecture | `{manifest.architecture}`, {len(manifest.seeds)} networks, their mean |",
        f"| features | {len(manifest.features)}, see [tasks](tasks.md#features) |",
        f"| learned from | {manifest.data['words']}, data `{manifest.data['hash'][:12]}` |",
        f"| quantiles | {', '.join(f'{100 * q:g} %' for q in manifest.quantiles)} |",
        f"| made with | {made} |",
        f"| licence | {manifest.licence} |",
    ]


def _served(manifest: Manifest) -> list[str]:
    return [
        f"| {d.level.replace('_', ' ')} | {'open' if d.gate_open else 'shut'} | {d.served} "
        f"| {d.error:.4f} | {d.baseline} | {d.baseline_error:.4f} | {d.coverage_80:.1%} |"
        for d in manifest.decisions
    ]


def _covered(manifest: Manifest) -> list[str]:
    """Coverage by horizon; nothing where the bundle does not say it."""
    if not manifest.coverage:
        return []
    spans = list(dict.fromkeys((c["first_h"], c["last_h"]) for c in manifest.coverage))
    heads = [f"{first} to {last} h" if last else "now" for first, last in spans]
    rows = [
        "\nHow much the 80 % bands of who serves covered there, by hours ahead, and the least and "
        "most of a single network:\n",
        "| level | " + " | ".join(heads) + " |",
        "| --- |" + " ---: |" * len(heads),
    ]
    for level in dict.fromkeys(c["level"] for c in manifest.coverage):
        mine = {(c["first_h"], c["last_h"]): c for c in manifest.coverage if c["level"] == level}
        cells = [_share(mine.get(span)) for span in spans]
        rows.append(f"| {level.replace('_', ' ')} | " + " | ".join(cells) + " |")
    return rows


def _share(covered: Mapping[str, Any] | None) -> str:
    if covered is None:
        return ""
    return f"{covered['share']:.1%} ({covered['least']:.0%} to {covered['most']:.0%})"


def _splits(manifest: Manifest) -> list[str]:
    return list(dict.fromkeys(split for d in manifest.decisions for split in d.verdicts))


def _verdicts(manifest: Manifest) -> list[str]:
    return [
        f"| {d.level.replace('_', ' ')} | "
        + " | ".join(d.verdicts.get(split, "") for split in _splits(manifest))
        + " |"
        for d in manifest.decisions
    ]
