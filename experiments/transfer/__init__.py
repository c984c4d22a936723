"""`coldcast experiment transfer`: where joint training beats silos and pooling."""
