"""Statistics, the curated schema, and how far distributions may move."""
