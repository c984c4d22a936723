"""The steps of ingestion that Beam maps over work items."""
