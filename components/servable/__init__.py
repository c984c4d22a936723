"""The gate before the pusher: a model is published only if it works the way a server uses it."""
