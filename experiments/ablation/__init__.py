"""`coldcast experiment ablation`: one recipe, without one of its parts at a time."""
