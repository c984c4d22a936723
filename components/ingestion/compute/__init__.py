"""Pure functions over columns: attribution, history, show days, snapshots."""
