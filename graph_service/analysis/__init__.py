"""The arithmetic: arrays in, arrays out; no store, no file, no clock is asked here."""
