"""The embedded stores: a SQLite file each for graph, records and timeline, on one machine."""
