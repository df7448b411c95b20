"""The shape of the graph in Neo4j: what must be unique, and indexes for what is asked.

| label | one node is |
|---|---|
| Element | an element as it is now, with labels for its kind, the superclasses and the layer |
| Tombstone | the number of an element that is gone, so that no other gets it |
| StoreState | the newest revision and what was numbered last; who writes holds its lock |
| StoreGate | which revision is landing at this moment |
| StoreRevision | a transaction that landed |
| StoreModelSet | a name under which documents were imported |
| StoreDocument | a document as it is now; without a body where it was dropped |
| StoreVersion | an earlier header of a document |
| StorePack | up to some hundred parts that came with one revision; never changed |
| StoreClosing | which parts of a pack a revision closed |
| StorePending | a reference that waits for its element |
| StoreOwners | a set of organisations that own something together |
| StoreWord | a URI that packs refer to by number |
| StoreRecord | a record beside the graph |
| StoreLock | a name; who holds its lock keeps others off |

All relationships are links of the model: none is between nodes of the store.
"""

from __future__ import annotations

from typing import Final

LAYOUT: Final = 1
"""Goes up when what is written here changes."""

GRAPH: Final = (
    "CREATE CONSTRAINT element_number IF NOT EXISTS FOR (e:Element) REQUIRE e.number IS UNIQUE",
    "CREATE CONSTRAINT element_id IF NOT EXISTS"
    " FOR (e:Element) REQUIRE (e.modelSet, e.mRID) IS UNIQUE",
    "CREATE CONSTRAINT tombstone_number IF NOT EXISTS FOR (t:Tombstone) REQUIRE t.number IS UNIQUE",
    "CREATE CONSTRAINT tombstone_id IF NOT EXISTS"
    " FOR (t:Tombstone) REQUIRE (t.modelSet, t.mRID) IS UNIQUE",
    "CREATE CONSTRAINT store_state IF NOT EXISTS FOR (s:StoreState) REQUIRE s.only IS UNIQUE",
    "CREATE CONSTRAINT store_gate IF NOT EXISTS FOR (g:StoreGate) REQUIRE g.only IS UNIQUE",
    "CREATE CONSTRAINT store_revision IF NOT EXISTS"
    " FOR (r:StoreRevision) REQUIRE r.number IS UNIQUE",
    "CREATE CONSTRAINT store_model_set IF NOT EXISTS"
    " FOR (m:StoreModelSet) REQUIRE m.name IS UNIQUE",
    "CREATE CONSTRAINT store_document IF NOT EXISTS"
    " FOR (d:StoreDocument) REQUIRE (d.modelSet, d.name) IS UNIQUE",
    "CREATE CONSTRAINT store_document_number IF NOT EXISTS"
    " FOR (d:StoreDocument) REQUIRE d.number IS UNIQUE",
    "CREATE CONSTRAINT store_pack IF NOT EXISTS FOR (p:StorePack) REQUIRE p.number IS UNIQUE",
    "CREATE CONSTRAINT store_owners IF NOT EXISTS FOR (o:StoreOwners) REQUIRE o.owners IS UNIQUE",
    "CREATE CONSTRAINT store_word IF NOT EXISTS FOR (w:StoreWord) REQUIRE w.code IS UNIQUE",
    "CREATE INDEX element_kind IF NOT EXISTS FOR (e:Element) ON (e.kind)",
    "CREATE INDEX element_name IF NOT EXISTS FOR (e:Element) ON (e.sortName)",
    "CREATE INDEX element_owners IF NOT EXISTS FOR (e:Element) ON (e.owners)",
    "CREATE INDEX element_folded_id IF NOT EXISTS FOR (e:Element) ON (e.foldedId)",
    "CREATE INDEX store_version IF NOT EXISTS FOR (v:StoreVersion) ON (v.document)",
    "CREATE INDEX store_pack_open IF NOT EXISTS FOR (p:StorePack) ON (p.openIn)",
    "CREATE INDEX store_pack_document IF NOT EXISTS FOR (p:StorePack) ON (p.document)",
    "CREATE INDEX store_pack_revision IF NOT EXISTS FOR (p:StorePack) ON (p.revision)",
    "CREATE INDEX store_closing_pack IF NOT EXISTS FOR (c:StoreClosing) ON (c.pack)",
    "CREATE INDEX store_closing_revision IF NOT EXISTS FOR (c:StoreClosing) ON (c.revision)",
    "CREATE INDEX store_pending_source IF NOT EXISTS FOR (p:StorePending) ON (p.source)",
    "CREATE INDEX store_pending_piece IF NOT EXISTS FOR (p:StorePending) ON (p.folded)",
)

RECORDS: Final = (
    "CREATE CONSTRAINT store_record IF NOT EXISTS"
    " FOR (r:StoreRecord) REQUIRE (r.collection, r.key) IS UNIQUE",
    "CREATE CONSTRAINT store_lock IF NOT EXISTS FOR (l:StoreLock) REQUIRE l.name IS UNIQUE",
)

READY: Final = "CALL db.awaitIndexes(60)"

FOUND: Final = "OPTIONAL MATCH (s:StoreState) RETURN s.layout"

BEGIN: Final = """
MERGE (s:StoreState {only: true})
ON CREATE SET s.layout = $layout, s.revision = 0, s.words = 1, s.elements = 0, s.links = 0,
  s.packs = 0, s.checksum = 0, s.lastNumber = 0, s.lastPack = 0, s.lastDocument = 0
MERGE (g:StoreGate {only: true})
"""
