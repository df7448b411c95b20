"""What a landing writes: in this order, all in one transaction."""

from __future__ import annotations

from typing import Final

CREATE_WORDS: Final = "UNWIND $rows AS row CREATE (:StoreWord {code: row[0], text: row[1]})"

PUT_MODEL_SETS: Final = """
UNWIND $rows AS row
MERGE (m:StoreModelSet {name: row[0]})
ON CREATE SET m.code = row[1], m.elements = 0, m.links = 0
SET m.elements = m.elements + row[2], m.links = m.links + row[3]
"""

PUT_DOCUMENTS: Final = """
UNWIND $rows AS row
MERGE (d:StoreDocument {modelSet: row[0], name: row[1]})
SET d.number = row[2], d.body = row[3], d.since = row[4], d.fingerprint = row[5],
  d.parts = row[6], d.statements = row[7]
"""

CREATE_VERSIONS: Final = """
UNWIND $rows AS row
CREATE (:StoreVersion {document: row[0], fromRevision: row[1], toRevision: row[2], body: row[3]})
"""

CREATE_PACKS: Final = """
UNWIND $rows AS row
CREATE (:StorePack {number: row[0], document: row[1], openIn: row[1], revision: $revision,
  first: row[2], lines: row[3], data: row[4]})
"""

TAKE_BACK_ELEMENTS: Final = """
UNWIND $rows AS number
MATCH (e:Element {number: number})
DELETE e
"""

CREATE_CLOSINGS: Final = """
UNWIND $rows AS row
CREATE (:StoreClosing {pack: row[0], revision: $revision, rows: row[1]})
"""

SHUT_PACKS: Final = """
UNWIND $numbers AS number
MATCH (p:StorePack {number: number})
REMOVE p.openIn
"""

SET_LINES: Final = """
UNWIND $rows AS row
MATCH (p:StorePack {number: row[0]})
SET p.lines = row[1]
"""

DELETE_LINKS: Final = """
UNWIND $rows AS row
MATCH (e:Element {number: row[0]})-[r]->(o:Element {number: row[2]})
WHERE coalesce(r.name, type(r)) = row[1]
DELETE r
"""

CREATE_ELEMENTS: Final = """
UNWIND $rows AS row
UNWIND row[1] AS properties
CREATE (e:Element:$(row[0]))
SET e = properties
"""

CREATE_TOMBSTONES: Final = """
UNWIND $rows AS row
CREATE (t:Tombstone)
SET t = row
"""

CHANGE_ELEMENTS: Final = """
UNWIND $rows AS row
MATCH (e:Element {number: row.number})
SET e = row
"""

CHANGE_TOMBSTONES: Final = """
UNWIND $rows AS row
MATCH (t:Tombstone {number: row.number})
SET t = row
"""

CHANGE_KINDS: Final = """
UNWIND $rows AS row
MATCH (e:Element {number: row[0]})
WITH e, row, [label IN labels(e) WHERE label <> 'Element'] AS before
REMOVE e:$(before)
SET e:$(row[1])
"""

BURY: Final = """
UNWIND $rows AS row
MATCH (e:Element {number: row.number})
WITH e, row, labels(e) AS before
REMOVE e:$(before)
SET e:Tombstone
SET e = row
"""

RAISE: Final = """
UNWIND $rows AS row
MATCH (t:Tombstone {number: row[1].number})
REMOVE t:Tombstone
SET t:Element:$(row[0])
SET t = row[1]
"""

CREATE_LINKS: Final = """
UNWIND $rows AS row
MATCH (e:Element {number: row[0]})
UNWIND row[1] AS link
MATCH (o:Element {number: link[1]})
CREATE (e)-[:$(link[0])]->(o)
"""

CREATE_OTHER_LINKS: Final = """
UNWIND $rows AS row
MATCH (e:Element {number: row[0]})
MATCH (o:Element {number: row[2]})
CREATE (e)-[:OtherLink {name: row[1]}]->(o)
"""

DELETE_PENDING: Final = """
UNWIND $sources AS source
MATCH (p:StorePending {source: source})
DELETE p
"""

CREATE_PENDING: Final = """
UNWIND $rows AS row
CREATE (p:StorePending {source: row[0], modelSet: row[1], name: row[2], target: row[3],
  piece: row[4], folded: row[5], met: row[6]})
"""

SET_OWNERS: Final = """
UNWIND $rows AS row
UNWIND row[1] AS number
MATCH (e:Element {number: number})
SET e.owners = row[0]
"""

PUT_OWNER_SETS: Final = "UNWIND $sets AS owners MERGE (:StoreOwners {owners: owners})"

CREATE_REVISION: Final = """
CREATE (:StoreRevision {number: $number, token: $token, at: $at, author: $author,
  message: $message, changes: $changes, undoes: $undoes})
"""

SET_STATE: Final = """
MATCH (s:StoreState {only: true})
SET s.revision = $revision, s.words = $words, s.elements = s.elements + $elements,
  s.links = s.links + $links, s.checksum = coalesce(s.checksum, 0) + $checksum,
  s.packs = coalesce(s.packs, s.lastPack) + $packs, s.lastNumber = $lastNumber,
  s.lastPack = $lastPack, s.lastDocument = $lastDocument
"""
