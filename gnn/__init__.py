"""Predictions on the graph: what is measured at some places, carried to all of the network."""
