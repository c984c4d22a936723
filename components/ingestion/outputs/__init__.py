"""What ingestion leaves behind: accounting, quarantine, artifacts, splits by day."""
