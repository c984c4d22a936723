"""A/B tests from raw logs: what the treatment changed, and how long a test must run (docs/ab.md)."""
