"""The GridStrata service: a layered graph of a utility's network, joined with timelines."""
