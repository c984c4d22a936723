"""The outputs of ingestion: accounting, quarantine, artifacts, splits by day."""
