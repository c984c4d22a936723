"""Published tables, ablations and A/B, from configs; empty so far. The only package that imports `pipeline`."""
