import pytest

from experiments.systems.configs import Model, config_of, world_of, worlds_of
from experiments.systems.errors import SystemsError
from experiments.systems.system import System
from pipeline.configuration.file import load_config

TINY = load_config("tiny")


def test_a_run_has_one_branch_and_publishes_nothing():
    (world,) = worlds_of(TINY, "/out")
    config = config_of(world, System("ads", "ads_stream_only"), 3)
    (branch,) = config.branches_to_run
    assert (branch.name, branch.recipe_name, branch.seed, branch.pushed) == ("ads-3", "ads_stream_only", 3, False)
    assert not config.pusher.enabled
    assert not config.evaluator.compare_with_last
    assert config.simulation == TINY.simulation
    assert config.tiers == TINY.tiers


def test_systems_of_one_world_share_its_root_and_name():
    (world,) = worlds_of(TINY, "/out")
    configs = [Model(world, System(name, name), 1).config for name in ("joint", "promotions_only")]
    assert {(config.root, config.name, config.logs) for config in configs} == {
        ("/out/worlds/world-7", "tiny", TINY.logs)
    }


def test_other_worlds_have_logs_of_their_own():
    own, other = worlds_of(TINY, "/out", [7, 8])
    assert (own.config.logs, other.config.logs) == (TINY.logs, "/out/worlds/world-8/logs")
    assert other.config.simulation is not None
    assert other.config.simulation.seed == 8


def test_changes_of_a_recipe_make_a_recipe_of_its_own():
    (world,) = worlds_of(TINY, "/out")
    system = System("thin", "joint", recipe_changes={"balanced": False, "encoder": {"units": [8]}})
    (branch,) = config_of(world, system, 1).branches_to_run
    assert branch.recipe_name == "thin"
    assert not branch.recipe.balanced
    assert branch.recipe.encoder.units == (8,)
    assert branch.recipe.heads == config_of(world, System("joint", "joint"), 1).branches_to_run[0].recipe.heads


def test_changes_of_the_config_are_laid_over_it():
    world = world_of(TINY, "/out", "small", {"simulation": {"users": 60}})
    config = config_of(world, System("joint", "joint", changes={"trainer": {"epochs": 1}}), 1)
    assert (config.trainer.epochs, config.trainer.batch_size) == (1, TINY.trainer.batch_size)
    assert config.simulation is not None
    assert (config.simulation.users, config.simulation.seed) == (60, 7)
    assert config.logs == "/out/worlds/small/logs"


def test_a_model_starts_from_random_weights_whatever_ran_before():
    (world,) = worlds_of(load_config("tiny", ["trainer.start_from=last"]), "/out")
    (branch,) = config_of(world, System("joint", "joint"), 1).branches_to_run
    assert branch.start_from is None


def test_an_unknown_recipe_is_named():
    (world,) = worlds_of(TINY, "/out")
    with pytest.raises(SystemsError, match="no recipe junt; its recipes are promotions_only, "):
        config_of(world, System("junt", "junt"), 1)


def test_a_change_that_is_not_valid_names_the_system_and_the_key():
    (world,) = worlds_of(TINY, "/out")
    with pytest.raises(SystemsError, match=r"^fast does not fit the config: .*trainer\.epochs"):
        config_of(world, System("fast", "joint", changes={"trainer": {"epochs": 0}}), 1)


def test_real_logs_have_no_worlds():
    real = load_config("kuairand")
    (world,) = worlds_of(real, "/out")
    assert (world.name, world.config.logs) == ("logs", real.logs)
    with pytest.raises(SystemsError, match="--worlds needs a config with a `simulation` section"):
        worlds_of(real, "/out", [1])
