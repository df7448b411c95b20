"""The graph in memory: the projection and the traces over it; no input or output."""
