"""What will fail: the risk of cables, transformers and switches in the next 30 days."""
