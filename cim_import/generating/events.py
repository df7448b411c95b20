"""The events file: one JSON object a line, as `gridstrata ingest` reads it.

Every event has two times: when it happened, and when it became known (`knownAt`), which is never
earlier. An event that lasts is written when it becomes known, without an end, and once more when
its end is known; the second line is a new version of the first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Final, TextIO

DAY_S: Final = 86_400
IMAGES: Final = "https://images.example"


@dataclass(frozen=True, slots=True)
class Image:
    """An image that is referred to: its path under `IMAGES`, and what is to be seen on it.

    There is no image. The checksum is that of the description.
    """

    path: str
    shows: str

    def reference(self) -> dict[str, str]:
        """The member `reference` of an event."""
        return {
            "uri": f"{IMAGES}/{self.path}",
            "mediaType": "image/jpeg",
            "sha256": sha256(self.shows.encode()).hexdigest(),
        }


@dataclass(frozen=True, slots=True)
class Happening:
    """An event to be written. Times are seconds after the midnight (UTC) that a day begins with;
    `subjects` are mRIDs."""

    source: str
    id: str
    kind: str
    start_s: int
    known_s: int
    text: str
    subjects: tuple[str, ...]
    severity: str = "INFO"
    end_s: int | None = None
    image: Image | None = None

    def again(
        self,
        known_s: int,
        end_s: int | None = None,
        *,
        text: str = "",
        severity: str = "",
        about: tuple[str, ...] = (),
    ) -> Happening:
        """A later version of an event: what is known then, such as its end; `about` are further
        subjects."""
        return replace(
            self,
            known_s=known_s,
            end_s=end_s,
            text=text or self.text,
            severity=severity or self.severity,
            subjects=(*about, *self.subjects),
        )


class EventsWriter:
    """Writes the events of some days; `lines` counts them."""

    def __init__(self, file: TextIO, start: date, days: int):
        self.days = days
        self.lines = 0
        self._file = file
        self._midnight = datetime.combine(start, time())

    def write(self, happenings: Iterable[Happening], day: int) -> None:
        """Write what happened on a day (0 the first), in the order in which it became known."""
        in_order = sorted(happenings, key=lambda h: (h.known_s, h.source, h.id))
        for happening in in_order:
            members = dict(self._members(happening, day))
            self._file.write(json.dumps(members, ensure_ascii=False) + "\n")
        self.lines += len(in_order)

    def day(self, day: int) -> str:
        """A day as text, such as `2026-01-18`."""
        return f"{self._midnight.date() + timedelta(days=day)}"

    def _members(self, happening: Happening, day: int) -> Iterator[tuple[str, object]]:
        yield "source", happening.source
        yield "id", happening.id
        yield "kind", happening.kind
        yield "start", self._instant(day, happening.start_s)
        if happening.end_s is not None:
            yield "end", self._instant(day, happening.end_s)
        yield "knownAt", self._instant(day, happening.known_s)
        yield "severity", happening.severity
        yield "text", happening.text
        yield "subjects", happening.subjects
        if happening.image is not None:
            yield "reference", happening.image.reference()

    def _instant(self, day: int, second: int) -> str:
        at = self._midnight + timedelta(seconds=day * DAY_S + second)
        return f"{at.isoformat()}Z"
