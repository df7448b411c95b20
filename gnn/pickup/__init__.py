"""The peak after an outage: cold load pick-up, how high and for how long."""
