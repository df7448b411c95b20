"""Arrays in one file as `numpy.savez` writes it: no time of writing in it, nothing pickled."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def packed_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Arrays by name, compressed; the same arrays give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packing:
        for name in sorted(arrays):
            single = io.BytesIO()
            np.lib.format.write_array(single, np.ascontiguousarray(arrays[name]))
            entry = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            packing.writestr(entry, single.getvalue())
    return out.getvalue()


def unpacked_arrays(packed: bytes) -> dict[str, NDArray[Any]]:
    """What `packed_arrays` packed.

    Raises:
        ValueError, OSError, KeyError, BadZipFile: it is damaged, or holds objects.
    """
    with np.load(io.BytesIO(packed), allow_pickle=False) as loaded:
        return {name: loaded[name] for name in loaded.files}


def below(arrays: Mapping[str, NDArray[Any]], first: str) -> dict[str, NDArray[Any]]:
    """Arrays whose name begins with `first/`, by the rest of it."""
    return {n.partition("/")[2]: a for n, a in arrays.items() if n.startswith(f"{first}/")}


def numbered(arrays: Mapping[str, NDArray[Any]], first: str) -> Sequence[dict[str, NDArray[Any]]]:
    """Groups of arrays named `first/0/...`, `first/1/...`, in order."""
    found = below(arrays, first)
    count = len({name.partition("/")[0] for name in found})
    return [below(found, str(number)) for number in range(count)]
