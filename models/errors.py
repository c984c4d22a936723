"""What a user can get wrong about training."""


class TrainingError(ValueError):
    """The rows cannot train or judge the recipe; the message says what is missing, where, and what to do."""
