"""The error of every adapter."""

from transforms.errors import UserError


class AdapterError(UserError):
    """The files cannot be turned into logs; the message names the file and says what to do."""
