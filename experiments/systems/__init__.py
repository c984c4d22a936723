"""Shared by the experiments: systems as data, their models as pipeline runs, and comparisons on the same rows."""
