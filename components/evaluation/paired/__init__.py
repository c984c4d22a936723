"""Two models on the same rows: the difference of each figure, with an interval that counts users, not rows."""
