"""Runs in ML Metadata: typed records, and the store that they are read from."""
