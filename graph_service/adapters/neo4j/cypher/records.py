"""Records: JSON objects by collection and key; and locks, whose holder keeps others off."""

from __future__ import annotations

from typing import Final

PUT: Final = """
UNWIND $rows AS row
MERGE (r:StoreRecord {collection: $collection, key: row[0]})
SET r.record = row[1], r.members = row[2]
"""

GET: Final = """
UNWIND $keys AS key
MATCH (r:StoreRecord {collection: $collection, key: key})
RETURN r.key, r.record
"""

PAGE: Final = """
MATCH (r:StoreRecord)
WHERE r.collection = $collection AND r.key STARTS WITH $prefix
  AND ($after IS NULL OR r.key > $after)
  AND all(member IN $members WHERE member IN r.members)
RETURN r.key, r.record ORDER BY r.key LIMIT $first
"""

PAGE_DESCENDING: Final = """
MATCH (r:StoreRecord)
WHERE r.collection = $collection AND r.key STARTS WITH $prefix
  AND ($after IS NULL OR r.key < $after)
  AND all(member IN $members WHERE member IN r.members)
RETURN r.key, r.record ORDER BY r.key DESC LIMIT $first
"""

COUNT: Final = """
MATCH (r:StoreRecord)
WHERE r.collection = $collection AND r.key STARTS WITH $prefix
  AND all(member IN $members WHERE member IN r.members)
RETURN count(r)
"""

DELETE: Final = """
UNWIND $keys AS key
MATCH (r:StoreRecord {collection: $collection, key: key})
DETACH DELETE r RETURN count(r)
"""

COLLECTIONS: Final = """
MATCH (r:StoreRecord)
RETURN DISTINCT r.collection AS collection ORDER BY collection
"""

MAKE_LOCK: Final = "MERGE (:StoreLock {name: $name})"

TAKE_LOCK: Final = "MATCH (l:StoreLock {name: $name}) SET l.turn = $token"
