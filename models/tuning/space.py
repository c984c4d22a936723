"""The keys that a search may change, and the spec with the values of a trial (docs/model.md#tuning)."""

import json
from collections.abc import Mapping
from typing import Any

from models.config import ModelConfig, TrainerConfig
from models.recipes import Recipe
from models.spec import TrainingSpec
from models.tuning.config import Space

ENCODER = "encoder"
SECTIONS = ("trainer", "model", ENCODER)


def space_of(space: Space, recipe: Recipe) -> Space:
    """The part of a space that a recipe has: an encoder's key counts only if the recipe's encoder has it."""
    own = type(recipe.encoder).model_fields
    return {path: values for path, values in space.items() if not is_of_encoder(path) or key_of(path) in own}


def is_of_encoder(path: str) -> bool:
    """Whether a path such as `encoder.dropout` names a key of the encoder."""
    return path.startswith(f"{ENCODER}.")


def key_of(path: str) -> str:
    """The key below the section: `dropout` of `encoder.dropout`."""
    return path.partition(".")[2]


def encoded(value: Any) -> float | int | str:
    """A value as KerasTuner takes it: a number, or else JSON."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else json.dumps(value)


def decoded(value: Any) -> Any:
    """The value before `encoded`."""
    return json.loads(value) if isinstance(value, str) else value


def with_values(spec: TrainingSpec, values: Mapping[str, Any]) -> TrainingSpec:
    """The spec with the values of a trial in place of its own, and with idle options at their defaults.

    Args:
        spec: as `Branch.tunable_spec` makes it. Its idle options are as the user wrote them, since a value of the
            trial may give them an effect.
        values: by path, as KerasTuner keeps them.

    Raises:
        ValueError: values do not fit each other.
    """
    changes: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    for path, value in values.items():
        changes[path.partition(".")[0]][key_of(path)] = decoded(value)
    model = ModelConfig.model_validate({**spec.model.model_dump(), **changes["model"]})
    trainer = TrainerConfig.model_validate({**spec.trainer.model_dump(), **changes["trainer"]})
    encoder = type(spec.recipe.encoder).model_validate({**spec.recipe.encoder.model_dump(), **changes[ENCODER]})
    return spec.model_copy(
        update={
            "recipe": spec.recipe.model_copy(update={"encoder": encoder}),
            "model": model.effective(spec.inputs),
            "trainer": trainer.effective(spec.recipe.heads),
        }
    )
