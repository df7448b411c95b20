"""The graph and the records in Neo4j, as its own users expect to find them."""
