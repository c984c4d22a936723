"""What a run came to, for schedulers: a JSON document, and hooks that get it."""
