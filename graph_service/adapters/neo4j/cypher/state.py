"""Revisions, the lock of who writes, and the gate that tells readers of a landing."""

from __future__ import annotations

from typing import Final

GATE: Final = """
MATCH (s:StoreState {only: true}), (g:StoreGate {only: true})
RETURN s.revision, s.words, g.landing
"""

TAKE_LOCK: Final = "MATCH (s:StoreState {only: true}) SET s.turn = $token"

STATE: Final = """
MATCH (s:StoreState {only: true})
RETURN s.revision, s.words, s.elements, s.links, s.lastNumber, s.lastPack, s.lastDocument
"""

ANNOUNCE: Final = "MATCH (g:StoreGate {only: true}) SET g.landing = $landing"

TERMINATE: Final = """
SHOW TRANSACTIONS YIELD transactionId, metaData WHERE metaData.gridstrata = $token
TERMINATE TRANSACTIONS transactionId YIELD message RETURN message
"""

LANDED: Final = "MATCH (r:StoreRevision) WHERE r.token = $token RETURN r.number"

REVISIONS: Final = """
MATCH (r:StoreRevision) WHERE r.number < $before
RETURN r.number, r.at, r.author, r.message, r.changes, r.undoes
ORDER BY r.number DESC LIMIT $first
"""

REVISION: Final = """
MATCH (r:StoreRevision {number: $number})
RETURN r.number, r.at, r.author, r.message, r.changes, r.undoes
"""

WORDS: Final = "MATCH (w:StoreWord) WHERE w.code >= $since RETURN w.text ORDER BY w.code"
