"""Loads the configuration from YAML, with overrides on top."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from pipeline.configuration.config import Config
from pipeline.configuration.shipped import config_file
from pipeline.configuration.words import NO_KEYS, sentence
from pipeline.errors import ConfigError


def load_config(path: str | Path | None, overrides: Sequence[str] = ()) -> Config:
    """Reads a config from `path`, or takes all defaults if it is None, and applies `overrides`.

    Args:
        path: a YAML file, or the name of a shipped config.
        overrides: `key.key=value`, with the value in YAML or JSON.

    Raises:
        ConfigError: the file is missing or not a YAML mapping, or a key or value is not valid.
    """
    values = {} if path is None else _read(config_file(path))
    for override in overrides:
        _override(values, override)
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        message = "; ".join(sentence(detail, Config) for detail in error.errors())
        where = " with ".join([*([str(path)] if path else []), *(["--set"] if overrides and path else [])])
        raise ConfigError(f"{where}: {message}" if where else message) from None


def _read(path: str | Path) -> dict[str, Any]:
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise ConfigError(f"cannot read the config {path}: {reason}; name a YAML file") from None
    try:
        values = yaml.load(text, _OnceEach)  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, ValueError) as error:  # a ValueError for a day such as 2024-02-30
        raise ConfigError(f"{path} is not valid YAML: {_yaml_problem(error)}") from None
    if values is None:  # nothing but comments: all defaults
        return {}
    if not isinstance(values, dict):
        raise ConfigError(f"{path} must hold keys with values, not a {type(values).__name__}")
    return values


def _yaml_problem(error: Exception) -> str:
    """The error of YAML and its place, without the excerpt of the file, which takes several lines."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        mark = error.problem_mark
        context = f"{error.context}, " if error.context else ""
        return f"{context}{error.problem} in line {mark.line + 1}, column {mark.column + 1}"
    if isinstance(error, yaml.reader.ReaderError):
        return f"{error.reason} at character {error.position + 1}"
    return " ".join(str(error).split())


class _OnceEach(yaml.SafeLoader):
    """Refuses a key that occurs twice (YAML would take the last one), and a key that is a list or a mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The mapping of `node`."""
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a plain word", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} occurs twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _override(values: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise ConfigError(f"--set {override}: write KEY=VALUE, for example trainer.learning_rate=0.001")
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        raise ConfigError(f"--set {override}: the value is not valid YAML or JSON") from None
    *parents, last = key.split(".")
    for number, parent in enumerate(parents, start=1):
        below = values.get(parent)
        if below is None:
            below = values[parent] = {}
        if not isinstance(below, dict):
            raise ConfigError(f"--set {override}: {'.'.join(parents[:number])} {NO_KEYS}")
        values = below
    values[last] = value
