"""The outcome of a run for schedulers: a JSON document, and hooks that get it."""
