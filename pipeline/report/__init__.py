"""The report of a run: where its artifacts are, and the files that are written."""
