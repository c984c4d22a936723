"""The config of each run of an experiment: a world, a system, and a seed of training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import ValidationError

from experiments.systems.errors import SystemsError
from experiments.systems.system import System
from models.spec import TrainingSpec
from pipeline.configuration.config import Config
from pipeline.configuration.rows import overlaid
from pipeline.configuration.words import sentence

TRIAL = {"pusher": {"enabled": False}, "evaluator": {"compare_with_last": False}, "runs": {"keep": None}}
"""No model is published. None is compared with an earlier one, so that a second run finds each node in the cache."""

_FROM_NOTHING = {"trainer": {"start_from": None}}
"""With `last`, a model would also depend on what the experiment trained on the logs of earlier days."""


@dataclass(frozen=True, eq=False)
class ExperimentWorld:
    """Logs that all systems are trained and judged on.

    Attributes:
        name: its name in tables; `logs` for real logs.
        config: the config whose logs they are, with a root that all runs of the world share.
    """

    name: str
    config: Config


class Model(NamedTuple):
    """One model that an experiment trains: a pipeline run with one branch."""

    world: ExperimentWorld
    system: System
    seed: int

    @property
    def branch(self) -> str:
        """Name of its branch."""
        return f"{self.system.name}-{self.seed}"

    @property
    def config(self) -> Config:
        """The config of its run.

        Raises:
            SystemsError: the world's config cannot run the system.
        """
        return config_of(self.world, self.system, self.seed)

    @property
    def spec(self) -> TrainingSpec:
        """How it is trained.

        Raises:
            SystemsError: the world's config cannot run the system.
        """
        config = self.config
        (branch,) = config.branches_to_run
        return branch.spec(config.domain, config.features)


def config_of(world: ExperimentWorld, system: System, seed: int) -> Config:
    """The config of a run that trains one model from random weights and judges it, and publishes nothing.

    Raises:
        SystemsError: the world's config cannot run the system.
    """
    values = overlaid(world.config.model_dump(), system.changes)
    recipes = values["recipes"]
    if recipes.get(system.recipe) is None:
        raise SystemsError(
            f"{system.name}: the config has no recipe {system.recipe}; its recipes are "
            f"{', '.join(name for name, row in recipes.items() if row is not None)}"
        )
    recipe = system.recipe
    if system.recipe_changes:
        recipe = system.name
        values["recipes"] = {**recipes, recipe: overlaid(recipes[system.recipe], system.recipe_changes)}
    branch = {"name": f"{system.name}-{seed}", "recipe": recipe, "seed": seed}
    alone = {"recipe": None, "baseline": None, "branches": [branch]}
    return changed(values, {**alone, **TRIAL, **_FROM_NOTHING}, system.name)


def changed(values: Mapping[str, Any], changes: Mapping[str, Any], name: str) -> Config:
    """The config of `values` with `changes` over it.

    Args:
        values: of `Config.model_dump`.
        changes: keys that differ, section by section.
        name: of the system or the world, for errors.

    Raises:
        SystemsError: a key or value is not valid.
    """
    try:
        return Config.model_validate(overlaid(values, changes))
    except ValidationError as error:
        reasons = "; ".join(sentence(detail, Config) for detail in error.errors())
        raise SystemsError(f"{name} does not fit the config: {reasons}") from None


def worlds_of(config: Config, out: str, seeds: Sequence[int] = ()) -> tuple[ExperimentWorld, ...]:
    """The worlds to run on: simulated ones by their seeds, or the logs of the config.

    Args:
        config: the config of the experiment.
        out: folder of the experiment; each world gets a root there. The world of the config's own seed, and real
            logs, are read from `config.logs`.
        seeds: seeds of worlds; empty for the config's logs alone.

    Raises:
        SystemsError: seeds are given, but the logs are not simulated.
    """
    if config.simulation is None:
        if seeds:
            raise SystemsError("--worlds needs a config with a `simulation` section; leave it out for your own logs")
        return (_world(config, out, "logs", {}, config.logs),)
    own = config.simulation.seed
    return tuple(
        _world(config, out, f"world-{seed}", {"simulation": {"seed": seed}}, config.logs if seed == own else None)
        for seed in dict.fromkeys(seeds or (own,))
    )


def world_of(config: Config, out: str, name: str, changes: Mapping[str, Any]) -> ExperimentWorld:
    """A simulated world of its own with `changes` of the config.

    Raises:
        SystemsError: a key or value is not valid.
    """
    return _world(config, out, name, changes, None)


def _world(config: Config, out: str, name: str, changes: Mapping[str, Any], logs: str | None) -> ExperimentWorld:
    root = f"{out}/worlds/{name}"
    places = {"root": root, "logs": logs or f"{root}/logs"}
    return ExperimentWorld(name, changed(config.model_dump(), {**changes, **places}, name))
