"""The error of an experiment whose options or config do not fit."""

from transforms.errors import UserError


class SystemsError(UserError):
    """An option does not fit the config, or a system cannot run on it; the message says what to do."""
