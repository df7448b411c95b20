"""What the graph is asked: documents, packs, elements, links, owners, the whole as columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from graph_service.domain.containers import CONTAINMENT, inverse_containment
from graph_service.domain.ownership import relevant_links


def _types(links: Iterable[str]) -> str:
    """Names of links out of our own tables, as Cypher writes types of relationships."""
    return "|".join(f"`{name}`" for name in sorted(links))


# --- documents and parts -----------------------------------------------------------------------

MODEL_SETS: Final = """
MATCH (m:StoreModelSet)
OPTIONAL MATCH (d:StoreDocument) WHERE d.modelSet = m.name AND d.body IS NOT NULL
WITH m, count(d) AS documents
RETURN m.name, documents, m.elements, m.links, m.code ORDER BY m.name
"""

DOCUMENTS: Final = """
MATCH (d:StoreDocument) WHERE d.modelSet = $modelSet AND d.body IS NOT NULL
RETURN d.name, d.body, d.fingerprint, d.statements, d.parts ORDER BY d.name
"""

DOCUMENT: Final = """
MATCH (d:StoreDocument {modelSet: $modelSet, name: $name})
RETURN d.number, d.body, d.since, d.fingerprint, d.parts, d.statements
"""

DOCUMENTS_BY_NUMBER: Final = """
UNWIND $numbers AS number
MATCH (d:StoreDocument {number: number})
RETURN d.number, d.modelSet, d.name, d.body, d.since, d.fingerprint, d.parts, d.statements
"""

STANDING_DOCUMENTS: Final = """
MATCH (d:StoreDocument) WHERE d.modelSet IN $modelSets AND d.body IS NOT NULL
RETURN d.number, d.modelSet, d.name, d.body
"""

DOCUMENT_NAMES: Final = """
UNWIND $numbers AS number
MATCH (d:StoreDocument {number: number})
RETURN d.number, d.name
"""

OPEN_PACKS: Final = "MATCH (p:StorePack {openIn: $document}) RETURN p.number, p.first"

OPEN_PACKS_BY_NAME: Final = """
MATCH (d:StoreDocument {modelSet: $modelSet, name: $name})
MATCH (p:StorePack {openIn: d.number})
RETURN p.number, p.first
"""

PACKS: Final = """
UNWIND $numbers AS number
MATCH (p:StorePack {number: number})
RETURN p.number, p.document, p.revision, p.lines, p.data
"""

CLOSINGS: Final = """
UNWIND $numbers AS number
MATCH (c:StoreClosing {pack: number})
RETURN c.pack, c.revision, c.rows
"""

PACKS_OPENED: Final = "MATCH (p:StorePack {revision: $revision}) RETURN p.number"

DOCUMENTS_OF_PACKS: Final = """
UNWIND $numbers AS number
MATCH (p:StorePack {number: number})
RETURN DISTINCT p.document
"""

CLOSINGS_OF_REVISION: Final = """
MATCH (c:StoreClosing {revision: $revision}) RETURN c.pack, c.rows
"""

PACKS_OF_DOCUMENT: Final = "MATCH (p:StorePack {document: $document}) RETURN p.number"

VERSIONS_OF_REVISION: Final = """
MATCH (v:StoreVersion) WHERE v.fromRevision = $revision OR v.toRevision = $revision
RETURN v.document, v.fromRevision, v.toRevision, v.body
"""

DOCUMENTS_OPENED: Final = """
MATCH (d:StoreDocument) WHERE d.since = $revision AND d.body IS NOT NULL
RETURN d.number, d.body
"""

VERSIONS_OF_DOCUMENT: Final = """
MATCH (v:StoreVersion {document: $document}) RETURN v.fromRevision, v.toRevision
"""

# --- elements ----------------------------------------------------------------------------------

PACKS_OF_ID: Final = """
OPTIONAL MATCH (e:Element {modelSet: $modelSet, mRID: $mrid})
OPTIONAL MATCH (t:Tombstone {modelSet: $modelSet, mRID: $mrid})
RETURN coalesce(e.packs, t.packs, [])
"""

BY_NUMBER: Final = """
UNWIND $numbers AS number
MATCH (e:Element {number: number})
RETURN properties(e)
"""

BY_NUMBER_IN_SCOPE: Final = """
UNWIND $numbers AS number
MATCH (e:Element {number: number}) WHERE e.owners IN $seen
RETURN properties(e)
"""

NUMBERS: Final = """
UNWIND $mrids AS mrid
OPTIONAL MATCH (e:Element {modelSet: $modelSet, mRID: mrid})
OPTIONAL MATCH (t:Tombstone {modelSet: $modelSet, mRID: mrid})
RETURN mrid, coalesce(e.number, t.number)
"""

KEYS: Final = """
UNWIND $numbers AS number
MATCH (e:Element {number: number})
RETURN number, e.modelSet, e.mRID
"""

BY_MRID: Final = """
UNWIND $modelSets AS modelSet UNWIND $mrids AS mrid
MATCH (e:Element {modelSet: modelSet, mRID: mrid})
WHERE $everything OR e.owners IN $seen
RETURN properties(e)
"""

NEIGHBOURS: Final = """
UNWIND $numbers AS number
MATCH (e:Element {number: number}) WHERE $everything OR e.owners IN $seen
CALL (e) {
  MATCH (e)-[r]->(o:Element) WHERE $types IS NULL OR type(r) IN $types
  RETURN coalesce(r.name, type(r)) AS link, true AS outgoing, o
  UNION ALL
  MATCH (e)<-[r]-(o:Element) WHERE $types IS NULL OR type(r) IN $types
  RETURN coalesce(r.name, type(r)) AS link, false AS outgoing, o
}
WITH number, link, outgoing, o
WHERE ($links IS NULL OR link IN $links) AND ($everything OR o.owners IN $seen)
  AND ($layer IS NULL OR $layer IN labels(o))
RETURN number, link, outgoing, properties(o)
"""

OWNERS: Final = """
UNWIND $numbers AS number
MATCH (e:Element {number: number}) WHERE e.owners IS NOT NULL
RETURN number, e.owners
"""

OWNER_SETS: Final = """
MATCH (o:StoreOwners) WHERE any(owner IN $owners WHERE owner IN o.owners)
RETURN o.owners
"""

PENDING: Final = """
MATCH (p:StorePending) WHERE p.met IS NULL AND ($modelSet IS NULL OR p.modelSet = $modelSet)
WITH DISTINCT p.source AS source, p.name AS name, p.target AS target
RETURN name, count(*) ORDER BY name
"""

INSIDE: Final = f"""
UNWIND $numbers AS number
MATCH (c:Element {{number: number}})
CALL (c) {{
  MATCH (c)<-[:{_types(CONTAINMENT)}]-(e:Element) RETURN e
  UNION
  MATCH (c)-[:{_types(inverse_containment())}]->(e:Element) RETURN e
}}
RETURN DISTINCT e.number
"""

# --- the whole as columns ----------------------------------------------------------------------

MODEL_SET_CODES: Final = "MATCH (m:StoreModelSet) RETURN m.code, m.name ORDER BY m.name"

LAST_NUMBER: Final = "MATCH (s:StoreState {only: true}) RETURN s.lastNumber"

SCAN_ELEMENTS: Final = """
MATCH (e:Element) WHERE e.number > $after AND e.number <= $upto
RETURN collect(e.number), collect(e.code)
"""

SCAN_LINKS: Final = """
MATCH (e:Element) WHERE e.number > $after AND e.number <= $upto
MATCH (e)-[r]->(o:Element)
RETURN coalesce(r.name, type(r)), collect(e.number), collect(o.number)
"""

SCAN_OWNERS: Final = """
MATCH (e:Element) WHERE e.owners IS NOT NULL
RETURN e.owners, collect(e.number)
"""

# --- what a write has to know ------------------------------------------------------------------

SUBJECTS: Final = """
UNWIND $mrids AS mrid
MATCH (e:Element {modelSet: $modelSet, mRID: mrid})
RETURN e.mRID, e.number, e.kind, e.packs, e.owners, coalesce(e.check, 0)
"""

BURIED: Final = """
UNWIND $mrids AS mrid
MATCH (t:Tombstone {modelSet: $modelSet, mRID: mrid})
RETURN t.mRID, t.number, t.packs
"""

SUBJECTS_BY_NUMBER: Final = """
UNWIND $numbers AS number
MATCH (e:Element {number: number})
RETURN e.modelSet, e.mRID, e.number, e.kind, e.packs, e.owners, coalesce(e.check, 0)
"""

HAS_SET: Final = """
OPTIONAL MATCH (m:StoreModelSet {name: $modelSet})
RETURN m.code, m.elements, m.links
"""

COUNT_SETS: Final = "MATCH (m:StoreModelSet) RETURN count(m)"

COUNT_PENDING: Final = "MATCH (p:StorePending) RETURN count(p)"

MET: Final = """
UNWIND $pieces AS piece
MATCH (e:Element {modelSet: $modelSet, mRID: piece})
RETURN piece, e.number
"""

FOLDED: Final = """
UNWIND $pieces AS piece
MATCH (e:Element {foldedId: piece}) WHERE e.modelSet = $modelSet
RETURN e.mRID, e.number
"""

LINKS_OF: Final = """
UNWIND $numbers AS number
MATCH (e:Element {number: number})-[r]->(o:Element)
RETURN number, coalesce(r.name, type(r)), o.number
"""

REFERRING: Final = """
UNWIND $numbers AS number
MATCH (e:Element {number: number})<-[r]-(o:Element)
RETURN DISTINCT o.number
"""

WAITING: Final = """
UNWIND $folded AS folded
MATCH (p:StorePending {folded: folded}) WHERE p.modelSet = $modelSet
RETURN DISTINCT p.source
"""

LEADS_TO_ORGANISATIONS: Final = """
MATCH (e:Element)-[r:`OrganisationRole.Organisation`|`Organisation.Roles`]->(:Element)
WHERE e.modelSet = $modelSet
RETURN 1 LIMIT 1
"""

OWNERSHIP_LINKS: Final = f"""
MATCH (e:Element)-[r:{_types(relevant_links())}]->(o:Element) WHERE e.modelSet = $modelSet
RETURN type(r), collect(e.number), collect(o.number)
"""

KINDS_OF_OWNERS: Final = """
MATCH (e:Element) WHERE e.kind IN $kinds AND e.modelSet = $modelSet
RETURN e.number, e.kind
"""

OWNED: Final = """
MATCH (e:Element) WHERE e.owners IS NOT NULL AND e.modelSet = $modelSet
RETURN e.owners, collect(e.number)
"""
