"""Calibration: quantiles made to hold what they say, on days that nothing was learned from."""
