"""Baselines: what a model has to beat, run in the same command on the same snapshots."""
