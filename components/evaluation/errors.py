"""What a user can get wrong in an evaluation."""


class EvaluationError(ValueError):
    """An evaluation cannot be made or read: what was wrong, where, and what to do."""
