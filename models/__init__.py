"""Tasks, recipes, losses, architectures, input, training and export."""
