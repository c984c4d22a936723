"""Errors of publishing."""

from transforms.errors import UserError


class PushError(UserError):
    """The model cannot be published."""
