"""The world's answers: the stores behind the ports."""
