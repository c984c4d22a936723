"""Errors of a wrong configuration, and of runs that do not exist or cannot be read."""

from transforms.errors import UserError


class ConfigError(UserError):
    """The configuration is wrong; the message names the key, its value, and the valid values."""


class RunsError(UserError):
    """There is no such run, nothing has run yet, or the metadata store cannot be read."""
