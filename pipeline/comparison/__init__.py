"""Runs beside each other, on the rows that they have in common."""
