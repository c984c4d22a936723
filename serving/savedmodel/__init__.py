"""Checks of a SavedModel on disk that load nothing. The server and the load checks use them."""
