"""What keeps a model from being published."""


class PushError(ValueError):
    """The model cannot be published."""
