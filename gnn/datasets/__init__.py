"""Training sets: snapshots of networks with readings, from any imported model and timeline."""
