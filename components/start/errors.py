"""Errors about the model to start from."""

from transforms.errors import UserError


class StartError(UserError):
    """There is no model to start from in the folder; the message says what a folder must hold."""
