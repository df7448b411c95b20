"""Training: from snapshots to weights, seeded and within a budget of time; needs torch."""
