"""What is wrong with a configuration, for its user."""


class ConfigError(ValueError):
    """The configuration is wrong; the message names the key, what was given and what is valid."""
