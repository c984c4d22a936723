"""Evaluation on TFMA: exact average precision on every slice, gates, blessing."""
