"""What every timeline works out alike: batches, buckets, levels, versions of events."""
