"""The config of a fine-tuning run: that of the start model, with one branch that has a task more."""

from typing import Any

from pydantic import ValidationError

from models.recipes import Recipe
from pipeline.configuration.config import Config
from pipeline.configuration.words import sentence
from pipeline.errors import ConfigError
from pipeline.finetune.start import Start


def finetune_config(
    config: Config, start: Start, task: str, *, instead_of: str | None = None, frozen: bool = True
) -> Config:
    """The config of a pipeline that adds `task` to the start model.

    The pipeline is called `NAME-TASK`. It shares the root, the logs, and the metadata store of `config`, and publishes
    to the folder of a model of its own.

    Args:
        config: the config of the start model's pipeline; it declares the task.
        start: the model.
        task: name of the new task. If the model has a head of this name, the head starts from its weights.
        instead_of: a head of the model to leave out.
        frozen: whether only the new task's tower learns. Otherwise all of the model learns, the old heads too.

    Raises:
        ConfigError: there is no such task or head, the task cannot learn, or the config lacks features of the start
            model.
    """
    old = start.spec.recipe.heads
    if task not in config.tasks:
        raise ConfigError(f"--task {task}: unknown task; valid tasks are {', '.join(config.tasks)}; add it to `tasks`")
    if instead_of is not None and instead_of not in old:
        raise ConfigError(f"--instead-of {instead_of}: the model has no such head; it has {', '.join(old)}")
    _check_task(config, task, instead_of)
    check_features(config, start)
    heads = [head for head in dict.fromkeys((*old, task)) if head != instead_of]
    _check_heads(config, heads)
    name = task.replace("_", "-")
    pipeline, recipe = f"{config.name}-{name}", f"finetuned-{name}"
    branch = {
        "name": name,
        "recipe": recipe,
        "model": start.spec.model.model_dump(),
        "trainer": _trainer(config, heads, task, frozen=frozen),
        "start_from": start.model,
        "pushed": True,
    }
    values = config.model_dump(exclude={"recipe", "baseline", "branches"}) | {
        "name": pipeline,
        "root": config.root,
        "logs": config.logs,
        "branches": [branch],
    }
    values["recipes"] = {**values["recipes"], recipe: _row(start.spec.recipe, heads)}
    if config.serving.model_name:
        values["serving"] = {**values["serving"], "model_name": f"{config.serving.model_name}-{name}"}
    if config.pusher.directory:  # else the new model would take the place of the start model there
        values["pusher"] = {**values["pusher"], "directory": f"{config.pusher.directory.rstrip('/')}-{name}"}
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        raise ConfigError("; ".join(sentence(detail, Config) for detail in error.errors())) from None


def _check_task(config: Config, task: str, instead_of: str | None) -> None:
    """Checks that the new model has the task's head, and that it learns."""
    if task == instead_of:
        raise ConfigError(f"--instead-of {task}: this is the new task; name another head, or leave the option out")
    if not config.trainer.loss_weights.get(task, 1.0):
        raise ConfigError(f"trainer.loss_weights.{task}: with the weight 0 the new task cannot learn; leave it out")


def _check_heads(config: Config, heads: list[str]) -> None:
    """Checks that the config declares the tasks of all heads."""
    unknown = [head for head in heads if head not in config.tasks]
    if unknown:
        raise ConfigError(
            f"tasks: the start model has the heads {', '.join(unknown)}, which the config does not declare; declare "
            "them, or leave one out with --instead-of"
        )


def _trainer(config: Config, heads: list[str], task: str, *, frozen: bool) -> dict[str, Any]:
    """Keys of the branch's trainer. With a frozen encoder, the old heads have no loss, so they stay as they are."""
    weights = dict.fromkeys((head for head in heads if head != task), 0.0) if frozen else {}
    return {
        "frozen_encoder": frozen,
        "decided_by": task,
        "loss_weights": {**config.trainer.model_dump()["loss_weights"], **weights},
        "start_from": None,
    }


def check_features(config: Config, start: Start) -> None:
    """Checks that ingestion fills every feature that the start model takes, from the same columns.

    Raises:
        ConfigError: a feature is missing or means something else.
    """
    table = {feature.name: feature for feature in config.feature_table}
    missing = [feature.name for feature in start.spec.inputs if feature.name not in table]
    changed = [feature.name for feature in start.spec.inputs if table.get(feature.name, feature) != feature]
    if missing:
        raise ConfigError(
            f"features: the start model takes {', '.join(missing)}, which this config does not fill; switch them on "
            "again, since fine-tuning keeps the inputs of the model"
        )
    if changed:
        raise ConfigError(
            f"features: {', '.join(changed)} differ from those that the start model takes; give them the settings of "
            f"the run {start.run}, since fine-tuning keeps the inputs of the model"
        )


def _row(recipe: Recipe, heads: list[str]) -> dict[str, Any]:
    """The recipe of the start model with other heads."""
    return recipe.model_dump(include={"trained_on", "read_on", "balanced", "encoder"}) | {"heads": heads}
