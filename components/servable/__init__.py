"""The gate before the pusher: only a model that works in a server is published."""
