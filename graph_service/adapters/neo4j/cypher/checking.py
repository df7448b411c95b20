"""Questions about what others may have written, and what puts it right."""

from __future__ import annotations

from typing import Final

KEPT: Final = """
MATCH (s:StoreState {only: true})
RETURN s.elements, s.links, coalesce(s.packs, s.lastPack), coalesce(s.checksum, 0), s.lastNumber
"""

COUNT_ELEMENTS: Final = "MATCH (e:Element) RETURN count(e)"

COUNT_LINKS: Final = "MATCH (:Element)-[r]->() RETURN count(r)"

COUNT_PACKS: Final = "MATCH (p:StorePack) RETURN count(p)"

CONTENTS: Final = """
MATCH (e:Element) WHERE e.number > $after AND e.number <= $upto
RETURN collect([labels(e), properties(e)])
"""

KEYS: Final = """
MATCH (e:Element)
RETURN elementId(e), e.number, e.modelSet, e.mRID
"""

DELETE_STRANGERS: Final = """
UNWIND $ids AS id
MATCH (e:Element) WHERE elementId(e) = id
DETACH DELETE e
"""

DELETE_STRANGE_LINKS: Final = """
MATCH (:Element)-[r]->(o) WHERE NOT o:Element
DELETE r
RETURN count(*)
"""

DELETE_DOUBLE_LINKS: Final = """
MATCH (e:Element)
CALL (e) {
  MATCH (e)-[r]->(o)
  WITH o, type(r) AS type, r.name AS name, collect(r) AS same WHERE size(same) > 1
  UNWIND same[1..] AS double
  DELETE double
  RETURN count(*) AS doubles
}
RETURN coalesce(sum(doubles), 0)
"""

DELETE_ALL_PENDING: Final = "MATCH (p:StorePending) DELETE p"

SET_FOUND: Final = """
UNWIND $rows AS row
MATCH (d:StoreDocument {number: row[0]})
SET d.parts = row[1], d.statements = row[2], d.fingerprint = ''
"""

PUT_ALL_OWNER_SETS: Final = """
MATCH (e:Element) WHERE e.owners IS NOT NULL
WITH DISTINCT e.owners AS owners
MERGE (:StoreOwners {owners: owners})
"""

RECOUNT_SETS: Final = """
MATCH (m:StoreModelSet)
OPTIONAL MATCH (e:Element) WHERE e.modelSet = m.name
WITH m, count(e) AS elements, coalesce(sum(COUNT { (e)-->() }), 0) AS links
SET m.elements = elements, m.links = links
"""

SET_TALLY: Final = """
MATCH (s:StoreState {only: true})
SET s.elements = $elements, s.links = $links, s.packs = $packs, s.checksum = $checksum
"""
