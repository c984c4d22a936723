"""Hypothesis asserts no time, since machines are busy; in CI it tries the same examples each time."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "coldcast", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.load_profile("coldcast")
