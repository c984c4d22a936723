"""The tiny world, simulated once for all tests that read it."""

from pathlib import Path

import pytest

from simulation.config import SimulationConfig
from simulation.simulate import simulate


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("worlds") / "tiny"
    simulate(SimulationConfig(preset="tiny", seed=0), out)
    return out


@pytest.fixture
def small() -> SimulationConfig:
    """A world of a fraction of a second."""
    return SimulationConfig(preset="tiny", seed=0, users=80, shows=60, days=3, warmup_days=4, impressions=900)
