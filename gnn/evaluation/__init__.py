"""Evaluation: every model and every baseline on the same snapshots, in one table."""
