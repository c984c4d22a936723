"""Errors of training that a user can put right."""

from transforms.errors import UserError


class TrainingError(UserError):
    """The rows, the machine, or the model to start from do not fit; the message says what to do."""
