"""A hash of the settings that figures depend on, to tell runs with the same settings from others."""

import hashlib

from pipeline.configuration.config import Config

_NEUTRAL = {"logs", "root", "beam", "pusher", "serving", "runs", "compare", "tuner", "hooks"}
"""Sections that change no figure."""


def digest(config: Config) -> str:
    """Eight hex digits over all values that figures depend on, including defaults."""
    return hashlib.sha256(config.model_dump_json(exclude=_NEUTRAL).encode()).hexdigest()[:8]
