"""The graph in SQLite: parts, the elements merged from them, links, owners, revisions."""
