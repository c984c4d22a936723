"""The configuration: each package's section, composed; loaded from YAML with overrides on top."""

import argparse
import contextlib
import difflib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from components.evaluation.config import EvaluatorConfig
from components.ingestion.config import IngestionConfig
from components.pusher.config import PusherConfig
from components.split.config import SplitConfig
from components.validation.config import ValidationConfig
from models.config import ModelConfig, TrainerConfig
from models.recipes import RECIPES, Recipe
from serving.config import ServingConfig
from simulation.config import SimulationConfig
from transforms.config import FeaturesConfig
from transforms.features import FEATURES

_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
"""What becomes part of nodes' ids and folders' names."""

_NO_KEYS = "is a value and has no keys below it"


class ConfigError(ValueError):
    """The configuration is wrong; the message names the key, what was given and what is valid."""


class BeamConfig(BaseModel):
    """Arguments of every Beam pipeline: `--runner`, `--direct_num_workers`, `--job_endpoint` and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    args: tuple[str, ...] = Field(
        default=("--runner=DirectRunner", "--direct_running_mode=in_memory", "--direct_num_workers=1"),
        description="As on the command line of a Beam program; filesystems find theirs here, too (`--hdfs_host`).",
    )

    @field_validator("args")
    @classmethod
    def _keeps_rows(cls, args: tuple[str, ...]) -> tuple[str, ...]:
        if any("multi_threading" in arg for arg in args):  # however Beam lets one spell the option
            raise ValueError("multi_threading loses rows without an error; use in_memory or multi_processing")
        return args

    def apply(self) -> None:
        """Hands the arguments to Beam, whose filesystems (S3, HDFS) read theirs outside pipelines too.

        Imports Beam, so only what needs it should call this.

        Raises:
            ConfigError: Beam does not take the arguments, or does not know the runner. An argument that Beam itself has
                no option for is refused for its local runners alone: others may know it.
        """
        from apache_beam.io.filesystems import FileSystems
        from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions
        from apache_beam.runners.runner import create_runner

        said = io.StringIO()
        parsers: list[argparse.ArgumentParser] = []
        try:
            with contextlib.redirect_stderr(said):
                options = PipelineOptions(list(self.args))
                # Reads all that Beam has options for, not the runner's name alone.
                known = options.get_all_options(add_extra_args_fn=parsers.append)
                runner = options.view_as(StandardOptions).runner or StandardOptions.DEFAULT_RUNNER
        except SystemExit:  # argparse prints what is wrong and leaves
            reason = said.getvalue().strip().rpartition("error: ")[2]
            raise ConfigError(f"beam.args: {reason}") from None
        try:
            create_runner(runner)
        except (ValueError, ImportError, AttributeError) as error:
            raise ConfigError(f"beam.args: Beam has no runner {runner}: {' '.join(str(error).split())}") from None
        _, unknown = parsers[0].parse_known_args(list(self.args))
        if unknown and "direct" in runner.lower():
            close = difflib.get_close_matches(unknown[0].lstrip("-").partition("=")[0], known, n=1)
            hint = f"; did you mean --{close[0]}?" if close else ""
            raise ConfigError(f"beam.args: Beam's {runner} has no argument {unknown[0]}{hint}")
        FileSystems.set_options(options)


class Config(BaseModel):
    """Everything a run needs: what belongs to all of it, then each package's section."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: _Name = Field(
        default="default", description="The pipeline's name; runs of one name share a cache and a metadata store."
    )
    seed: int = Field(
        default=7,
        ge=0,
        lt=2**32,  # as far as Keras takes one
        description="The one seed of simulation, initialisation and sampling.",
    )
    logs: str = Field(
        default="",
        min_length=1,
        description="Folder of the raw logs (docs/data.md), on any filesystem Beam reads; without it `<root>/logs`.",
    )
    root: str = Field(
        default="",
        min_length=1,
        description="Folder of this machine that holds artifacts, metadata, logs of the runs and the pushed models; "
        "without it `work/<name>`.",
    )
    recipe: str = Field(default="joint", description="The recipe that is trained, judged and pushed.")
    baseline: str | None = Field(
        default="promotions_only", description="The recipe run beside it for comparison, never pushed; null for none."
    )
    recipes: dict[_Name, Recipe] = Field(
        default={}, description="Recipes of your own, by name, beside the built-in ones (models/recipes.py)."
    )
    simulation: SimulationConfig | None = Field(
        default=None, description="The world that `coldcast simulate` makes; null where the logs are real."
    )
    ingestion: IngestionConfig = IngestionConfig()
    split: SplitConfig = SplitConfig()
    features: FeaturesConfig = FeaturesConfig()
    validation: ValidationConfig = ValidationConfig()
    model: ModelConfig = ModelConfig()
    trainer: TrainerConfig = TrainerConfig()
    evaluator: EvaluatorConfig = EvaluatorConfig()
    pusher: PusherConfig = PusherConfig()
    serving: ServingConfig = ServingConfig()
    beam: BeamConfig = BeamConfig()

    @model_validator(mode="before")
    @classmethod
    def _places_of_the_name(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Two configs that name no places share none."""
        root = values.get("root", f"work/{values.get('name', 'default')}")
        return {"root": root, "logs": f"{root}/logs"} | values

    @field_validator("root")
    @classmethod
    def _on_this_machine(cls, root: str) -> str:
        if "://" in root:  # the metadata store is a file of SQLite
            raise ValueError("name a folder of this machine; `logs` and `pusher.directory` may lie in an object store")
        return root

    @field_validator("recipes")
    @classmethod
    def _no_built_in_name(cls, recipes: dict[str, Recipe]) -> dict[str, Recipe]:
        for name in recipes:
            if name in RECIPES:
                raise ValueError(
                    f"{name} is a built-in recipe, whose runs and models yours would be mixed with; rename it"
                )
        return recipes

    @model_validator(mode="after")
    def _recipes_known(self) -> "Config":
        valid = RECIPES | self.recipes
        for key, name in (("recipe", self.recipe), ("baseline", self.baseline)):
            if name is not None and name not in valid:
                raise ValueError(f"{key}: unknown recipe {name!r}; valid recipes are {', '.join(valid)}")
        for name, recipe in self.all_recipes.items():
            streams = [task.name for task in recipe.tasks if task.label == "stream"]
            if not any(self.trainer.loss_weights.get(head, 1.0) for head in streams):
                raise ValueError(
                    f"trainer.loss_weights: recipe {name} learns no stream with {' and '.join(streams)} at 0, and "
                    "training is stopped by the AP of streams"
                )
        return self

    @model_validator(mode="after")
    def _features_known(self) -> "Config":
        """Refuses what ingestion and the validators would refuse later."""
        self.validation.check_names(
            dict.fromkeys(feature.name for feature in (*self.features.table(), *FEATURES))  # those left out, too
        )
        if self.features.extra:
            from components.ingestion.columns import columns_of  # imports Polars

            try:
                columns_of(self.features.table())
            except ValueError as error:
                raise ValueError(f"features.extra: {error}") from None
        return self

    @property
    def all_recipes(self) -> dict[str, Recipe]:
        """The recipes of this run by name: the baseline first, then the one that is pushed."""
        names = dict.fromkeys(name for name in (self.baseline, self.recipe) if name is not None)
        return {name: (RECIPES | self.recipes)[name] for name in names}

    @property
    def models(self) -> str:
        """Folder of the pushed versions, as TensorFlow Serving mounts it."""
        return self.pusher.directory or f"{self.root}/models/{self.serving.model_name}"

    @property
    def messages(self) -> Path:
        """Folder of what the libraries say while a command runs."""
        return Path(self.root) / "messages"

    @property
    def metadata(self) -> Path:
        """The ML Metadata store, an SQLite file."""
        return Path(self.root) / "metadata.sqlite"


def load_config(path: str | Path | None, overrides: Sequence[str] = ()) -> Config:
    """Reads `path`, or without one takes all defaults, and applies `overrides`.

    Args:
        path: a YAML file.
        overrides: of the form `key.key=value`, the value in YAML or JSON.

    Raises:
        ConfigError: if the file is missing or no YAML mapping, or a key or value is not valid.
    """
    values = {} if path is None else _read(path)
    for override in overrides:
        _override(values, override)
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        said = "; ".join(_sentence(detail) for detail in error.errors())
        where = " with ".join([*([str(path)] if path else []), *(["--set"] if overrides and path else [])])
        raise ConfigError(f"{where}: {said}" if where else said) from None


def _read(path: str | Path) -> dict[str, Any]:
    try:
        text = Path(path).read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise ConfigError(
            f"cannot read the config {path}: {reason}; run from the repository's folder, or name a YAML file"
        ) from None
    try:
        values = yaml.load(text, _OnceEach) or {}  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, ValueError) as error:  # a ValueError for a day such as 2024-02-30
        raise ConfigError(f"{path} is not valid YAML: {_yaml_problem(error)}") from None
    if not isinstance(values, dict):
        raise ConfigError(f"{path} must hold keys with values, not a {type(values).__name__}")
    return values


def _yaml_problem(error: Exception) -> str:
    """What YAML met and where, without its excerpt of the file, which takes several lines."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        mark = error.problem_mark
        context = f"{error.context}, " if error.context else ""
        return f"{context}{error.problem} in line {mark.line + 1}, column {mark.column + 1}"
    if isinstance(error, yaml.reader.ReaderError):
        return f"{error.reason} at character {error.position + 1}"
    return " ".join(str(error).split())


class _OnceEach(yaml.SafeLoader):
    """Refuses a key that stands twice, of which YAML takes the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The mapping of `node`."""
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} stands twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _override(values: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise ConfigError(f"--set {override}: write KEY=VALUE, for example trainer.learning_rate=0.001")
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        raise ConfigError(f"--set {override}: the value is neither YAML nor JSON") from None
    *parents, last = key.split(".")
    for number, parent in enumerate(parents, start=1):
        below = values.get(parent)
        if below is None:
            below = values[parent] = {}
        if not isinstance(below, dict):
            raise ConfigError(f"--set {override}: {'.'.join(parents[:number])} {_NO_KEYS}")
        values = below
    values[last] = value


def _sentence(detail: Any) -> str:
    key = ".".join(str(part) for part in detail["loc"])
    message = _message(detail)
    if detail["type"] != "extra_forbidden":
        given = (
            ""
            if isinstance(detail["input"], dict | BaseModel)
            else f" (given: {json.dumps(detail['input'], default=str)})"
        )
        return f"{key}{' ' if message == _NO_KEYS else ': '}{message}{given}" if key else message
    valid = _keys_at(detail["loc"][:-1])
    close = difflib.get_close_matches(str(detail["loc"][-1]), valid, n=1)
    hint = f", did you mean {close[0]}? Valid" if close else "; valid"
    return f"{key}: unknown key{hint} keys are {', '.join(valid)}" if valid else f"{key}: unknown key"


def _message(detail: Any) -> str:
    """Pydantic's message, in the words of YAML where it speaks of Python's types."""
    kind, given = detail["type"], detail["input"]
    if kind in ("tuple_type", "list_type"):
        return f"write a list, such as [{given if isinstance(given, str) else 'a, b'}]"
    if kind in ("dict_type", "model_type"):
        return "write a mapping, such as {key: value}"
    if kind.endswith("_type") and isinstance(given, dict):
        return _NO_KEYS
    return str(detail["msg"]).removeprefix("Value error, ")


def _keys_at(location: tuple[str | int, ...]) -> list[str]:
    """The valid keys of the section at `location` in the config."""
    section: Any = Config
    for part in location:
        if isinstance(section, type) and issubclass(section, BaseModel):
            if part not in section.model_fields:
                continue
            annotation = section.model_fields[str(part)].annotation
            section = next(
                (kind for kind in _leaves(annotation) if isinstance(kind, type) and issubclass(kind, BaseModel)), None
            )
    return list(section.model_fields) if section is not None else []


def _leaves(annotation: Any) -> list[Any]:
    arguments = get_args(annotation)
    return [leaf for argument in arguments for leaf in _leaves(argument)] if arguments else [annotation]
