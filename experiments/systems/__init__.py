"""What the experiments share: systems as data, their models as pipeline runs, and their comparison on the same rows."""
