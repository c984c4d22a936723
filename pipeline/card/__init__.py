"""The model card of a published version: what it is for, what it was made from, how good it is, and its limits."""
