"""What a user can get wrong about an A/B test."""

from transforms.errors import UserError


class ExperimentError(UserError):
    """The logs hold no such test, or an option does not fit it; the message says what to do."""
