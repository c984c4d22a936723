"""The ablations of a recipe, each a system. To add one, add a row to `_rows`."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple, get_args

from experiments.systems.configs import ExperimentWorld, config_of
from experiments.systems.system import System
from models.encoders.config import EncoderConfig
from models.training.balancing.config import BalancerConfig
from pipeline.configuration.config import Config
from transforms.domain import STREAM

_HISTORY = ("*_rate_30d", "*_shown_30d")
_ID_DROPOUT = 0.2


class Ablations(NamedTuple):
    """The systems of an ablation.

    Attributes:
        full: the recipe as the config has it.
        others: the recipe with one change each.
        idle: names of the ablations that change nothing here.
    """

    full: System
    others: tuple[System, ...]
    idle: tuple[str, ...]


def ablations(world: ExperimentWorld, recipe: str) -> Ablations:
    """The ablations of a recipe that change a model of this config.

    Raises:
        SystemsError: the config has no such recipe, or an ablation is not valid with it.
    """
    full = System(recipe, recipe)
    of_full = _identity(world, full)
    rows = tuple(_rows(config_of(world, full, 0), recipe))
    same = [row for row in rows if _identity(world, row) == of_full]
    return Ablations(full, tuple(row for row in rows if row not in same), tuple(row.name for row in same))


def _rows(config: Config, recipe: str) -> Iterator[System]:
    """Every ablation; some may change nothing in this config.

    Args:
        config: of one run of the recipe.
        recipe: name of the recipe.
    """
    row = config.recipes[recipe]
    full = System(recipe, recipe)
    streams = [head for head in row.heads if config.tasks[head].label == STREAM]
    encoder = row.encoder.kind

    yield replace(full, name="no_ancillary_heads", recipe_changes={"heads": streams})
    for group in config.features.groups:
        groups = [other for other in config.features.groups if other != group]
        if groups:  # a model needs some features
            yield replace(full, name=f"no_{group}_features", changes={"features": {"groups": groups}})
    without = [*config.features.without, *_HISTORY]
    yield replace(full, name="no_response_history", changes={"features": {"without": without}})
    # A task keeps its own sources: other recipes, which the config has too, may learn it from them.
    all_sources = {head: (*config.tasks[head].trained_on, *row.trained_on) for head in row.heads}
    unmasked = {head: {"trained_on": list(dict.fromkeys(sources))} for head, sources in all_sources.items()}
    yield replace(full, name="no_mask", changes={"tasks": unmasked})
    yield replace(full, name="no_balance", recipe_changes={"balanced": False})
    if "batch_norm" in type(row.encoder).model_fields:
        yield replace(full, name="no_batch_norm", recipe_changes={"encoder": {"batch_norm": False}})
    yield replace(full, name="no_id_dropout", changes={"model": {"id_dropout": 0.0}})
    if not config.model.id_dropout:
        yield replace(full, name="id_dropout", changes={"model": {"id_dropout": _ID_DROPOUT}})
    for kind in _kinds(EncoderConfig):
        if kind != encoder:
            yield replace(full, name=f"encoder_{kind}", recipe_changes={"encoder": {"kind": kind}})
    for kind in _kinds(BalancerConfig):
        if kind != config.trainer.balancer.kind:
            yield replace(full, name=f"balancer_{kind}", changes={"trainer": {"balancer": {"kind": kind}}})


def _kinds(union: object) -> tuple[str, ...]:
    """The kinds of a union of configs, such as `EncoderConfig`."""
    return tuple(config.model_fields["kind"].default for config in get_args(get_args(union)[0]))


def _identity(world: ExperimentWorld, system: System) -> object:
    """All settings that a model of the system depends on, without names and seeds; equal for systems that are alike."""
    config = config_of(world, system, 0)
    (branch,) = config.branches_to_run
    spec = branch.spec(config.domain, config.features)
    return spec.model_copy(update={"name": ""}), config.feature_table
