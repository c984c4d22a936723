"""The SavedModel that servers load."""
