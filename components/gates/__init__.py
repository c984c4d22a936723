"""Gates: components that stop a run with one sentence if the data are not good enough to go on with."""
