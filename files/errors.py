"""Errors about folders and files that the user names."""

from transforms.errors import UserError


class FolderError(UserError):
    """A folder cannot be used or written; the message names it."""


class InUseError(FolderError):
    """Another process holds the lock."""
