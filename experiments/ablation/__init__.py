"""`coldcast experiment ablation`: a recipe beside itself without one part, for each part."""
