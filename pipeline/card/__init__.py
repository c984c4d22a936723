"""The model card of a published version: its uses, its data, its figures, and its limits."""
