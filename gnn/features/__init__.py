"""Features: the network as a tree of places, the readings by hour, and what follows from both."""
