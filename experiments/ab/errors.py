"""The error of an A/B test whose logs or options do not fit."""

from transforms.errors import UserError


class ExperimentError(UserError):
    """The logs lack something that the command needs, or an option does not fit; the message says what to do."""
