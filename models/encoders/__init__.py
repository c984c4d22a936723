"""Shared encoders: one Keras layer a file; `config.py` lists them with their sizes."""
