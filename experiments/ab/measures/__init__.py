"""Shared by all commands of `coldcast ab`: metrics, segments, the sums of users, and the change of a ratio."""
