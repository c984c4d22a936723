"""The pipeline: one config, one definition, its runners and the command line. Read `pipeline.py` top to bottom."""
