"""Bundles: a trained model with everything needed to trust it, in two files without code."""
