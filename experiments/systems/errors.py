"""What a user can get wrong about an experiment."""

from transforms.errors import UserError


class SystemsError(UserError):
    """An option does not fit the config, or a system cannot run on it; the message says what to do."""
