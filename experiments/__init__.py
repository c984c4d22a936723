"""Published tables, ablations and A/B, from configs. The only package that imports `pipeline`."""
