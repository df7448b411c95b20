"""Parts and documents as bytes: every URI a small code, every literal word for word.

Guarantee: what is decoded equals what was encoded. Limit: a payload needs the vocabulary of its
own store.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import orjson

from graph_service.domain.statements import Document, Part, Statement


class Words:
    """Codes for the words of a store, in memory.

    Codes are dense from 0, so that a list answers; a store keeps 0 for the empty word.
    """

    def __init__(self) -> None:
        self.words: list[str] = []
        self.codes = _Codes(self.words)
        self.lock = threading.Lock()

    def known(self, word: str) -> int:
        """The code of a word, -1 where no row can have it."""
        return self.codes.get(word, -1)

    def learn(self, words: list[str]) -> None:
        """Take words that others added, in order of code."""
        for word in words:
            self.codes[word] = len(self.words)
            self.words.append(word)

    def forget(self, since: int) -> None:
        """Drop the words that came after the first `since`: their transaction did not land."""
        for word in self.words[since:]:
            del self.codes[word]
        del self.words[since:]


class _Codes(dict[str, int]):
    """word → code; asking by index for a new word gives it the next code."""

    def __init__(self, words: list[str]):
        super().__init__()
        self._words = words

    def __missing__(self, word: str) -> int:
        code = self[word] = len(self._words)
        self._words.append(word)
        return code


def encode_part(part: Part, codes: dict[str, int]) -> bytes:
    """The payload of a part: types, what carried its identity, statements."""
    flat: list[int | str] = []
    for uri, form, value in part.statements:
        flat += (codes[uri], codes[form], value)
    return orjson.dumps([[codes[t] for t in part.types], codes[part.identified_by], flat])


def decode_part(payload: bytes, mrid: str, section: str, line: int, words: list[str]) -> Part:
    """The part that was encoded."""
    types, identified_by, flat = orjson.loads(payload)
    word = words.__getitem__
    statements = map(Statement, map(word, flat[0::3]), map(word, flat[1::3]), flat[2::3])
    return Part(
        mrid, tuple(map(word, types)), tuple(statements), words[identified_by], section, line
    )


def encode_document(document: Document) -> str:
    """What a document says beside its parts, as JSON that is equal where documents are.

    The fingerprint and the counts follow from the parts and are left out.
    """
    body = [
        [_header_part(part) for part in document.header],
        dict(document.namespaces),
        document.base,
        document.model_id,
        document.profiles,
        document.modeling_authority,
        document.scenario_time,
        document.version,
        document.supersedes,
    ]
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()


def decode_document(model_set: str, name: str, body: str) -> Document:
    """The document that was encoded, without fingerprint and counts."""
    header, namespaces, base, model_id, profiles, authority, time, version, supersedes = (
        orjson.loads(body)
    )
    return Document(
        model_set,
        name,
        tuple(map(_read_header_part, header)),
        namespaces,
        base,
        model_id,
        tuple(profiles),
        authority,
        time,
        version,
        tuple(supersedes),
    )


def without_lines(document: Document) -> Document:
    """The document as if its header had no place in a file, to compare what it says."""
    return replace(document, header=tuple(replace(part, line=0) for part in document.header))


def _header_part(part: Part) -> list[Any]:
    statements = [list(statement) for statement in part.statements]
    return [part.mrid, part.types, statements, part.identified_by, part.section, part.line]


def _read_header_part(row: list[Any]) -> Part:
    mrid, types, statements, identified_by, section, line = row
    return Part(
        mrid, tuple(types), tuple(Statement(*s) for s in statements), identified_by, section, line
    )
