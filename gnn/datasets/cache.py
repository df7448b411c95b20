"""Training sets on disk as Parquet, found again by a hash of what they were made from.

The name of a file is the hash of the data (`content_hash`), of the configuration, and of the code
that makes features, so that none of the three can change unnoticed. Guarantees: what is read is
what was written, bit for bit; a damaged file is made anew. Nothing is ever downloaded.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

import gnn
from gnn.datasets.snapshots import Snapshots
from gnn.errors import MissingExtra
from gnn.features.catalogue import NAMES
from gnn.features.loads import ESTIMATES

_ROOMS = ("features", "datasets")
Made = TypeVar("Made")


def content_hash(parts: Iterable[bytes]) -> str:
    """Hexadecimal SHA-256 of some bytes, in order."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def code_hash(rooms: Sequence[str] = _ROOMS) -> str:
    """Hash of the code in some rooms of `gnn`; of those that turn readings into snapshots."""
    root = Path(gnn.__file__).parent
    files = sorted(path for room in rooms for path in (root / room).glob("*.py"))
    return content_hash(path.read_bytes() for path in files)


def cached(
    folder: Path | None,
    key: str,
    make: Callable[[], Made],
    read: Callable[[Path], Made],
    write: Callable[[Path, Made], None],
) -> Made:
    """Take what is kept in the folder, or make it and keep it there; None keeps nothing.

    Args:
        folder: Where it is kept.
        key: The name of the file.
        make: Makes it.
        read, write: How it lies in a file; `read` fails with OSError, ValueError or KeyError.

    Raises:
        MissingExtra: a folder is given and pyarrow is not installed.
    """
    if folder is None:
        return make()
    path = folder / f"{key}.parquet"
    if path.exists():
        try:
            return read(path)
        except (OSError, ValueError, KeyError):
            path.unlink()
    made = make()
    folder.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    write(partial, made)
    partial.replace(path)
    return made


def write_snapshots(path: Path, made: Snapshots) -> None:
    """One row a snapshot and place; what belongs to places or snapshots alone is in the header."""
    pa, pq = arrow()
    columns = {name: made.features[:, :, i].ravel() for i, name in enumerate(NAMES)}
    columns |= {f"estimate {n}": made.estimates[:, :, i].ravel() for i, n in enumerate(ESTIMATES)}
    columns |= {"scale": made.scale.ravel(), "truth": made.truth.ravel()}
    facts = {
        "name": made.name,
        "levels": made.levels.tolist(),
        "parents": made.parents.tolist(),
        "feeders": made.feeders.tolist(),
        "horizons": made.horizons.tolist(),
        "targets_us": made.targets_us.tolist(),
    }
    table = pa.table(columns).replace_schema_metadata({"snapshots": json.dumps(facts)})
    pq.write_table(table, path, compression="zstd")


def read_snapshots(path: Path) -> Snapshots:
    """What `write_snapshots` wrote.

    Raises:
        OSError, ValueError, KeyError: it is no such file, or damaged.
    """
    _, pq = arrow()
    table = pq.read_table(path)
    facts = json.loads(table.schema.metadata[b"snapshots"])
    shape = (len(facts["horizons"]), len(facts["levels"]))

    def column(name: str) -> Any:
        return table[name].to_numpy().reshape(shape)

    return Snapshots(
        name=facts["name"],
        levels=np.array(facts["levels"], dtype=np.int8),
        parents=np.array(facts["parents"], dtype=np.int32),
        feeders=np.array(facts["feeders"], dtype=np.int32),
        horizons=np.array(facts["horizons"]),
        targets_us=np.array(facts["targets_us"]),
        features=np.stack([column(name) for name in NAMES], axis=-1),
        estimates=np.stack([column(f"estimate {name}") for name in ESTIMATES], axis=-1),
        scale=column("scale"),
        truth=column("truth"),
    )


def arrow() -> tuple[Any, Any]:
    """The libraries that read and write Parquet."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtra("pyarrow", "a cache of training sets") from error
    return pa, pq
