"""The systems of the learning curve: four ways to train a new task, and the heads that a model already has.

The new task's label is held out: no head of the start model learns it, and no feature counts its responses alone.
Otherwise the start model would know the "new" task already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.systems.errors import SystemsError
from experiments.systems.system import System
from pipeline.configuration.config import Config
from transforms.domain import STREAM

FROZEN, UNFROZEN, NOTHING, NOTHING_ALL = "frozen", "unfrozen", "from nothing", "from nothing, all heads"

WAYS: tuple[str, ...] = (FROZEN, UNFROZEN, NOTHING, NOTHING_ALL)
"""The first two are fine-tuned. `from nothing` learns the new task alone, `from nothing, all heads` all tasks."""

_LEAST_BATCH, _BATCHES = 32, 16
_BUDGET = {"epochs": 20, "patience": 4}
"""Alike for all ways: with a few rows, an epoch has only a few steps."""


@dataclass(frozen=True)
class NewTask:
    """The task that is held out.

    Attributes:
        name: the task.
        label: its label.
        start: the system whose models fine-tuning starts from: the recipe without the heads for the label.
        direct: by label, the start model's heads that can be applied to the new task without training.
    """

    name: str
    label: str
    start: System
    direct: Mapping[str, tuple[str, ...]]

    def direct_systems(self) -> tuple[System, ...]:
        """A system for each label of the start model: its heads' scores, read as scores of the new task."""
        return tuple(System(f"{label} head", self.start.recipe) for label in self.direct)


def new_task(config: Config, task: str, recipe: str) -> NewTask:
    """The task to hold out of a recipe.

    Raises:
        SystemsError: there is no such recipe, the recipe has no such head, or the head is for streams.
    """
    row = config.recipes.get(recipe)
    if row is None:
        names = ", ".join(name for name, each in config.recipes.items() if each is not None)
        raise SystemsError(f"--recipe {recipe}: the config has no such recipe; its recipes are {names}")
    others = [head for head in row.heads if config.tasks[head].label != STREAM]
    if task not in others:
        raise SystemsError(f"--task {task}: {recipe} cannot do without it; tasks to hold out are {', '.join(others)}")
    label = config.tasks[task].label
    heads = [head for head in row.heads if config.tasks[head].label != label]
    direct: dict[str, tuple[str, ...]] = {}
    for head in heads:
        direct[config.tasks[head].label] = (*direct.get(config.tasks[head].label, ()), head)
    start = System(f"without_{task}", recipe, without_history(config, label), {"heads": heads})
    return NewTask(task, label, start, direct)


def without_history(config: Config, label: str) -> dict[str, Any]:
    """Changes of the config that leave out the response history of a label: a new objective has none."""
    return {"features": {"without": [*config.features.without, f"*_{label}_rate_30d"]}}


def training_of(config: Config, rows: int) -> dict[str, Any]:
    """Keys of the section `trainer` for some rows: a batch is a 16th of them, a power of 2 of at least 32.

    The batch is never greater than that of the config.
    """
    batch = max(_LEAST_BATCH, 1 << (max(rows // _BATCHES, 1).bit_length() - 1))
    return {"rows": rows, "batch_size": min(batch, config.trainer.batch_size), **_BUDGET}


def from_nothing(config: Config, task: NewTask, rows: int, *, all_heads: bool) -> System:
    """The system that learns the new task from random weights.

    Args:
        config: of the world.
        task: the new task.
        rows: training rows.
        all_heads: whether the other tasks learn, too. Otherwise the stream heads, which each recipe has, do not learn.
    """
    old = task.start.recipe_changes["heads"]
    heads: Sequence[str] = [*old, task.name]
    weights = {}
    if not all_heads:
        streams = [head for head in old if config.tasks[head].label == STREAM]
        heads, weights = [*streams, task.name], dict.fromkeys(streams, 0.0)
    trainer = {**training_of(config, rows), "decided_by": task.name, "loss_weights": weights}
    name = f"{task.name}-nothing{'-all' if all_heads else ''}-{rows}"
    return System(name, task.start.recipe, {**task.start.changes, "trainer": trainer}, {"heads": list(heads)})
