"""Every Cypher text that is sent to Neo4j, by what it is for; values come in as parameters only.

The texts are fixed: no value, label or type of a relationship is ever written into one. Labels and
types that depend on data are parameters, too, chosen from an allow-list (`neo4j/labels.py`). All
of it is accepted by Cypher 5 as Neo4j 5.26 speaks it and by Cypher 25.
"""

# pages of the book
from graph_service.adapters.neo4j.cypher import filters, reading, records, schema, state, writing

__all__ = ["filters", "reading", "records", "schema", "state", "writing"]
