"""The config of a run: the sections of all packages composed, read from YAML, described, and explained when wrong."""
