"""Predicting: answers from bundles, by the ladder, without torch."""
