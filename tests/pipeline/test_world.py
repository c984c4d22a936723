"""The config's world: logs of another world are refused, and the seed of training is not part of it."""

import json
from pathlib import Path

import pytest

from pipeline.configuration.config import Config
from pipeline.errors import ConfigError
from pipeline.world import check_world
from simulation.config import SimulationConfig

WORLD = SimulationConfig(preset="tiny")


@pytest.mark.parametrize("text", ["{}", "[]", "{", '{"seed": 7}'])
def test_a_world_that_does_not_say_how_it_was_made_is_refused(tmp_path: Path, text: str):
    (tmp_path / "world.json").write_text(text)
    with pytest.raises(ConfigError, match=r"holds a world with another `simulation` section"):
        check_world(Config(logs=str(tmp_path), simulation=WORLD))


def test_the_seed_of_the_world_is_compared_and_that_of_training_is_not(tmp_path: Path):
    (tmp_path / "world.json").write_text(json.dumps({"config": WORLD.model_dump(mode="json")}))
    check_world(Config(logs=str(tmp_path), simulation=WORLD, seed=8))
    other = WORLD.model_copy(update={"seed": 8})
    with pytest.raises(ConfigError, match=r"another `simulation` section than the config's \(sizes or seed\)"):
        check_world(Config(logs=str(tmp_path), simulation=other))
    check_world(Config(logs=str(tmp_path), seed=8))
