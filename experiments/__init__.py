"""What is asked of finished runs: how one recipe compares with another. The only package that imports `pipeline`."""
