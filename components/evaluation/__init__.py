"""Evaluation on TFMA: exact average precision on every slice, conditions, and the blessing."""
