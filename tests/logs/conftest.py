"""The tiny world for pictures of logs."""

from tests.simulation.conftest import tiny

__all__ = ["tiny"]
