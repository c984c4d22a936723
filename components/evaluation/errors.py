"""Errors of evaluations."""

from transforms.errors import UserError


class EvaluationError(UserError):
    """An evaluation cannot be made or read: what was wrong, where, and what to do."""
