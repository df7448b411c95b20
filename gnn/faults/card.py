"""The card of the fault locator, written from its manifest: what it is for, what it is not."""

from __future__ import annotations

from typing import Final

from gnn.faults.bundle import Manifest

_LIMITS: Final = """\
- Judged on simulated faults alone. Whoever draws them also draws noise, loads and sensors, and by
  how much lines, loads, sensors and the source differ from the model. Switching that nobody
  recorded is not among it.
- The networks know generated towns alone; on SimBench and IEEE 123 they came to what matching had.
- Where the model is off, matching relies on relays that tell volts of all phases with angles at the
  heads of feeders; without them it had some six of 100 faults less.
- Learned from generated towns: radial 20 kV cable networks with the neutral taken to be earthed
  through a resistor. Where the neutral is isolated or compensated, a fault of one phase to ground
  draws hardly any current, and its place is not told by this.
- Medium voltage only. A fault in a low-voltage network is told by whose fuse it blew.
- Loops are opened where the depth-first tree opens them. Generation in the network is not modelled.
- Loads are constant impedances, regulators and tap changers stand at their middle.

Use it to send a crew to the likeliest section first. Do not use it to switch, to protect, or to
decide that a section is safe to touch."""


def card(manifest: Manifest) -> str:
    """Markdown."""
    made = ", ".join(f"{name} {version}" for name, version in sorted(manifest.versions.items()))
    splits = list(dict.fromkeys(s for d in manifest.decisions for s in d.verdicts))
    return "\n".join(
        [
            f"# Model card: {manifest.task}, version {manifest.version}\n",
            "Written from the bundle by `gridstrata-gnn evaluate-faults`; do not change this "
            "page.\n",
            "Odds of every line section of the medium voltage that a short circuit is on it, from "
            "voltages and currents of some sensors, what protection opened, and silent meters.\n",
            "| | |",
            "| --- | --- |",
            f"| architecture | `{manifest.architecture}`, {len(manifest.seeds)} networks, the mean "
            "of their odds |",
            f"| columns | {len(manifest.columns)}, see [tasks](tasks.md#where-is-the-fault) |",
            f"| learned from | {manifest.data['words']}, data `{manifest.data['hash'][:12]}` |",
            f"| made with | {made} |",
            f"| licence | {manifest.licence} |",
            "\n## Who serves\n",
            "| sensors at | gate | serves | top 1 | top 3 | metres | next best | top 1 |",
            "| --- | --- | --- | ---: | ---: | ---: | --- | ---: |",
            *(
                f"| {d.level.removeprefix('sensors ')} | {'open' if d.gate_open else 'shut'} "
                f"| {d.served} | {d.top1:.1%} | {d.top3:.1%} | {d.metres:,.0f} | {d.baseline} "
                f"| {d.baseline_top1:.1%} |"
                for d in manifest.decisions
            ),
            "\nIn networks that nothing was learned from. The gate opens where every other one is "
            "beaten in every split by more than the spread over seeds and a standard error:\n",
            "| sensors at | " + " | ".join(splits) + " |",
            "| --- |" + " --- |" * len(splits),
            *(
                f"| {d.level.removeprefix('sensors ')} | "
                + " | ".join(d.verdicts.get(split, "") for split in splits)
                + " |"
                for d in manifest.decisions
            ),
            "\n## Where not to use it\n",
            _LIMITS,
            "",
        ]
    )
