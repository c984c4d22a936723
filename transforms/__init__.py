"""Features, the schema made from them, and the Transform graph."""
