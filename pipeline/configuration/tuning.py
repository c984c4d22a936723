"""Checks of the config section `tuner`: each path is a key of the config, and each value fits it."""

import difflib
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from models.config import ModelConfig, TrainerConfig
from models.encoders.config import AnyEncoder
from models.tuning.config import Range, TunerConfig
from models.tuning.space import ENCODER, SECTIONS, key_of
from pipeline.configuration.words import sentence

_FIXED = {
    "trainer.epochs": "all trials have the same budget; set tuner.epochs",
    "trainer.patience": "all trials have the same budget",
    "trainer.rows": "all trials have the same rows",
    "trainer.decided_by": "it decides what the AP of a trial means",
    "trainer.loss_weights": "with a weight of 0, the AP of a trial would mean another task",
    "trainer.start_from": "trials start from random weights",
    "trainer.frozen_encoder": "trials start from random weights",
    "trainer.calibrate": "it changes no ranking",
    "encoder.kind": "it belongs to the recipe; tune a branch of another recipe",
}
"""Keys that no search may change, and why."""

_KINDS: dict[str, tuple[type[BaseModel], ...]] = {
    "trainer": (TrainerConfig,),
    "model": (ModelConfig,),
    ENCODER: get_args(AnyEncoder),
}


def check_space(config: TunerConfig) -> None:
    """Checks the paths and values of the space.

    Raises:
        ValueError: the message begins with the key.
    """
    valid = [f"{section}.{key}" for section in SECTIONS for kind in _KINDS[section] for key in kind.model_fields]
    valid = [path for path in dict.fromkeys(valid) if path not in _FIXED]
    for path, values in config.space.items():
        if path in _FIXED:
            raise ValueError(f"tuner.space.{path}: it cannot be searched, since {_FIXED[path]}")
        if path not in valid:
            close = difflib.get_close_matches(path, valid, n=1)
            hint = f", did you mean {close[0]}? Valid" if close else "; valid"
            raise ValueError(f"tuner.space.{path}: unknown key{hint} keys are {', '.join(valid)}")
        for value in (values.low, values.high) if isinstance(values, Range) else values:
            _check_value(path, value)


def _check_value(path: str, value: Any) -> None:
    key = key_of(path)
    problem = ""
    for kind in _KINDS[path.partition(".")[0]]:
        if key not in kind.model_fields:
            continue
        try:
            kind.model_validate({key: value})
            return
        except ValidationError as error:
            problem = "; ".join(sentence(detail, kind) for detail in error.errors())
    raise ValueError(f"tuner.space.{path}: {problem}")
