"""Readings as lines of InfluxDB, each value with all its versions."""

from __future__ import annotations

import numpy as np

from graph_service.adapters.influx.lines import series_head
from graph_service.adapters.influx.tables import Chosen
from graph_service.adapters.timeline.bits import Ints
from graph_service.adapters.timeline.rows import Rows, is_version


def reading_lines(chosen: Chosen, rows: Rows) -> list[str]:
    """The lines of values, each with all its versions; `rows` in order, a line a row."""
    older = np.append(is_version(rows)[1:], False)[: len(rows.valid)]
    if not older.any():
        return _plain_lines(chosen, rows)
    heads = [
        [series_head(name, key) for key in chosen.keys] for name in ("readings", "readings_before")
    ]
    starts = np.flatnonzero(~is_version(rows))
    number = np.arange(len(older)) - np.repeat(starts, np.diff(np.append(starts, len(older))))
    columns = (*rows, older, number)
    return [
        f"{heads[is_older][at]}{f',version={n}' * is_older} "
        f"value={value!r},known_us={known_us}i,quality={quality}i {us}000"
        for at, us, value, quality, known_us, is_older, n in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]


def _plain_lines(chosen: Chosen, rows: Rows) -> list[str]:
    """The lines of values that have one version each; that they are GOOD need not be said."""
    heads = [f"{series_head('readings', key)} value=" for key in chosen.keys]
    starts = np.flatnonzero(np.diff(rows.series, prepend=-1))
    known_at_once = not np.diff(rows.known)[np.diff(rows.series) == 0].any()
    if len(starts) * 8 < len(rows.valid) and known_at_once and not rows.quality.any():
        return _lines_by_series(heads, rows, starts)
    columns = (column.tolist() for column in rows)
    return [
        f"{heads[at]}{value!r},known_us={known_us}i,quality={quality}i {us}000"
        if quality
        else f"{heads[at]}{value!r},known_us={known_us}i {us}000"
        for at, us, value, quality, known_us in zip(*columns, strict=True)
    ]


def _lines_by_series(heads: list[str], rows: Rows, starts: Ints) -> list[str]:
    """The same where each series has many GOOD values that became known at once."""
    values, valid = rows.values.tolist(), rows.valid.tolist()
    series, known = rows.series[starts].tolist(), rows.known[starts].tolist()
    stops = [*starts[1:].tolist(), len(valid)]
    lines: list[str] = []
    for at, known_us, first, stop in zip(series, known, starts.tolist(), stops, strict=True):
        head, middle = heads[at], f",known_us={known_us}i "
        pairs = zip(values[first:stop], valid[first:stop], strict=True)
        lines += [f"{head}{value!r}{middle}{us}000" for value, us in pairs]
    return lines
