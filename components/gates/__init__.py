"""Gates: components that stop a run with one sentence when what they read is not good enough to go on with."""
