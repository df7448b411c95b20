"""Where a fault is: the medium-voltage network solved, matched with what was observed, and told."""
