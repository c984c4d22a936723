"""The configuration: each package's section, composed. `pipeline/configuration/file.py` loads it."""

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from components.evaluation.config import EvaluatorConfig
from components.ingestion.config import IngestionConfig
from components.pusher.config import PusherConfig
from components.split.config import SplitConfig
from components.validation.config import ValidationConfig
from files.paths import is_local, pattern_problem
from models.config import ModelConfig, TrainerConfig
from models.recipes import RECIPES, Recipe
from pipeline.configuration.beam import BeamConfig
from serving.config import ServingConfig
from simulation.config import SimulationConfig
from transforms.config import FeaturesConfig
from transforms.features import FEATURES

_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
"""What becomes part of nodes' ids and folders' names."""


def _places(name: str, root: str | None) -> dict[str, str]:
    """Where a config of `name`, which may name a `root`, has its files if it does not say."""
    own = f"work/{name}"
    return {"root": own, "logs": f"{root or own}/logs"}


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
        return _places(values.get("name", "default"), values.get("root")) | values

    @field_validator("root")
    @classmethod
    def _on_this_machine(cls, root: str) -> str:
        if not is_local(root):  # the metadata store is a file of SQLite
            raise ValueError("name a folder of this machine; `logs` and `pusher.directory` may lie in an object store")
        if problem := pattern_problem(root):
            raise ValueError(problem)
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
            from logs.columns import columns_of  # imports Polars

            try:
                columns_of(self.features.table())
            except ValueError as error:
                raise ValueError(f"features.extra: {error}") from None
        return self

    @property
    def of_the_name(self) -> set[str]:
        """The keys of places that follow from other keys, so that a copy under another name has its own."""
        return {key for key, place in _places(self.name, self.root).items() if getattr(self, key) == place}

    @property
    def all_recipes(self) -> dict[str, Recipe]:
        """The recipes of this run by name: the baseline first, then the one that is pushed."""
        names = dict.fromkeys(name for name in (self.baseline, self.recipe) if name is not None)
        return {name: (RECIPES | self.recipes)[name] for name in names}

    @property
    def models(self) -> str:
        """Folder of the pushed versions, as TensorFlow Serving mounts it."""
        directory = self.pusher.directory
        if directory:
            return os.path.realpath(directory) if is_local(directory) else directory
        return f"{self.home}/models/{self.serving.model_name}"

    @property
    def home(self) -> str:
        """`root` as an absolute path: what the metadata store and the cache keys hold must be right from any folder."""
        return os.path.realpath(self.root)

    @property
    def messages(self) -> Path:
        """Folder of what the libraries say while a command runs."""
        return Path(self.home) / "messages"

    @property
    def metadata(self) -> Path:
        """The ML Metadata store, an SQLite file."""
        return Path(self.home) / "metadata.sqlite"
