"""Raw logs: the contract, reading and checking them, adapters for public logs, and pictures (docs/data.md)."""
