"""Errors that the user of the comparison can put right."""

from transforms.errors import UserError


class OthersError(UserError):
    """Something that the comparison with other libraries needs is not there, or a library's training failed."""
