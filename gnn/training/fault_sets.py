"""Faults on disk as Parquet, as `gnn.datasets.cache` keeps them: one row a section of a fault.

Guarantee: what is read is what was written, bit for bit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gnn.datasets.cache import arrow
from gnn.faults.asking import SIMPLE, Asked
from gnn.faults.columns import NAMES

Splits = Mapping[str, Sequence[Asked]]


def write_asked(path: Path, made: Splits) -> None:
    """Write the faults of one network by split; what belongs to faults alone is in the header."""
    pa, pq = arrow()
    every = [asked for part in made.values() for asked in part]
    columns: dict[str, Any] = {
        name: np.concatenate([asked.columns[:, i] for asked in every])
        for i, name in enumerate(NAMES)
    }
    for name in ("parents", "matched", "metres"):
        columns[f"own {name}"] = np.concatenate([getattr(asked, name) for asked in every])
    for name in SIMPLE:
        columns[f"says {name}"] = np.concatenate([asked.simple[name] for asked in every])
    facts = {
        "splits": {split: len(part) for split, part in made.items()},
        "levels": [asked.level for asked in every],
        "truths": [asked.truth for asked in every],
        "sizes": [len(asked.parents) for asked in every],
    }
    table = pa.table(columns).replace_schema_metadata({"faults": json.dumps(facts)})
    pq.write_table(table, path, compression="zstd")


def read_asked(path: Path) -> dict[str, list[Asked]]:
    """What `write_asked` wrote.

    Raises:
        OSError, ValueError, KeyError: it is no such file, or damaged.
    """
    _, pq = arrow()
    table = pq.read_table(path)
    facts = json.loads(table.schema.metadata[b"faults"])
    cuts = np.cumsum(facts["sizes"])[:-1]
    parts = {name: np.split(table[name].to_numpy(), cuts) for name in table.column_names}
    every = [
        Asked(
            level=level,
            parents=parts["own parents"][at],
            columns=np.stack([parts[name][at] for name in NAMES], axis=-1),
            matched=parts["own matched"][at],
            simple={name: parts[f"says {name}"][at] for name in SIMPLE},
            truth=truth,
            metres=parts["own metres"][at],
        )
        for at, (level, truth) in enumerate(zip(facts["levels"], facts["truths"], strict=True))
    ]
    ends = np.cumsum(list(facts["splits"].values())).tolist()
    begins = [0, *ends[:-1]]
    return {
        split: every[begin:end]
        for split, begin, end in zip(facts["splits"], begins, ends, strict=True)
    }
