"""Presets, overrides, and what must stay light or agree with other tables."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from simulation.clock import day_date, origin_us
from simulation.config import SimulationConfig
from simulation.simulate import simulate
from simulation.topics import DIMENSIONS
from transforms.features import FEATURES


def test_sizes_come_from_the_preset_unless_given() -> None:
    config = SimulationConfig(preset="tiny", users=500)
    assert (config.users, config.shows, config.days, config.impressions) == (500, 400, 10, 20_000)
    assert SimulationConfig() == SimulationConfig(preset="default")
    assert SimulationConfig().impressions == 500_000
    assert SimulationConfig().seed == 7
    assert SimulationConfig(preset="large").impressions >= 10_000_000


def test_a_config_survives_being_written_and_read() -> None:
    config = SimulationConfig(preset="tiny", users=500)
    assert SimulationConfig.model_validate(config.model_dump(mode="json")) == config


def test_errors_name_the_key_and_the_valid_values() -> None:
    with pytest.raises(ValidationError, match=r"preset\n.*'tiny', 'default', 'study' or 'large'"):
        SimulationConfig.model_validate({"preset": "huge"})
    with pytest.raises(ValidationError, match="userz"):
        SimulationConfig.model_validate({"userz": 3})
    with pytest.raises(ValidationError, match="users"):
        SimulationConfig(users=0)
    with pytest.raises(ValidationError, match=r"seed\n.*greater than or equal to 0"):
        SimulationConfig(seed=-1)
    with pytest.raises(ValidationError, match=r"start_date\n.*greater than or equal to 2000-01-01"):
        SimulationConfig(start_date=date(1, 1, 5))
    with pytest.raises(ValidationError, match=r"start_date\n.*less than or equal to 2100-01-01"):
        SimulationConfig(start_date=date(9999, 12, 31))


@pytest.mark.parametrize("start", [date(2000, 1, 1), date(2100, 1, 1)])
def test_a_world_can_start_on_the_first_and_the_last_day(tmp_path: Path, start: date) -> None:
    config = SimulationConfig(preset="tiny", users=50, shows=50, days=2, warmup_days=1, impressions=100)
    simulate(config.model_copy(update={"start_date": start}), tmp_path / "world")
    assert (tmp_path / "world" / "impressions" / f"date={start}").is_dir()


def test_day_numbers_are_dates() -> None:
    config = SimulationConfig(preset="tiny")
    assert day_date(config, config.first_day) == date(2026, 1, 5)
    assert day_date(config, 0) == date(2025, 12, 6)
    assert origin_us(config) == 1_764_979_200_000_000


def test_embeddings_have_the_length_that_the_features_expect() -> None:
    assert next(feature.length for feature in FEATURES if feature.name == "show_embedding") == DIMENSIONS


def test_imports_stay_light() -> None:
    code = (
        "import sys, simulation.config\n"
        "assert not {'numpy', 'pyarrow', 'polars', 'matplotlib'} & set(sys.modules)\n"
        "import simulation.simulate\n"
        "assert not {'tensorflow', 'tfx', 'apache_beam', 'polars', 'matplotlib'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
