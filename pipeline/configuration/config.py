"""The configuration: the sections of all packages in one model. `pipeline/configuration/file.py` loads it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FieldSerializationInfo,
    field_serializer,
    field_validator,
    model_validator,
)

from components.evaluation.config import EvaluatorConfig
from components.ingestion.config import IngestionConfig
from components.pusher.config import PusherConfig
from components.split.config import SplitConfig
from components.validation.config import ValidationConfig
from files.paths import HomePath, is_local, pattern_problem
from logs.config import TiersConfig
from models.config import ModelConfig, TrainerConfig
from models.recipes import DEFAULT_RECIPES, RecipeConfig
from models.tasks import TaskConfig
from models.tuning.config import TunerConfig
from pipeline.comparison.config import CompareConfig
from pipeline.configuration.beam import BeamConfig
from pipeline.configuration.branches import (
    Branch,
    BranchConfig,
    BranchName,
    Seed,
    check_branches,
    short_form,
    with_overrides,
)
from pipeline.configuration.checks import bound_recipe, check_branch, check_recipes, check_tasks, declared_domain
from pipeline.configuration.places import default_places
from pipeline.configuration.rows import BUILT_IN, with_built_in_rows
from pipeline.configuration.runs import RunsConfig
from pipeline.configuration.tuning import check_space
from pipeline.outcome.config import Hook
from serving.config import ServingConfig
from simulation.config import SimulationConfig
from transforms.config import FeaturesConfig
from transforms.domain import DEFAULT_SOURCES, Domain, Label, Name
from transforms.feature import Feature
from transforms.features import built_in_features


class Config(BaseModel):
    """Everything a run needs: the keys that all of it shares, then each package's section."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: BranchName = Field(
        default="default", description="The pipeline's name. Runs of one name share a cache and a metadata store."
    )
    seed: Seed = Field(
        default=7, description="Seed of training: initial weights, shuffling, dropout. A branch may have its own."
    )
    logs: HomePath = Field(
        default="",
        min_length=1,
        description="Folder of the raw logs (docs/data.md), on any filesystem that Beam reads. Default: `<root>/logs`.",
    )
    root: HomePath = Field(
        default="",
        min_length=1,
        description="Folder of this machine for artifacts, metadata, messages of the runs, and published models. "
        "Default: `work/<name>`.",
    )
    sources: tuple[Name, ...] = Field(
        default=DEFAULT_SOURCES,
        description="Sources that impressions may have. Rows of other sources go into quarantine.",
    )
    labels: dict[Name, Label] = Field(
        default={},
        description="Labels by name. A row adds a label, or changes the built-in label of its name. null removes one.",
    )
    tasks: dict[Name, TaskConfig] = Field(
        default={},
        description="Tasks by name, merged like `labels`. A recipe lists the tasks that it learns in its `heads`.",
    )
    recipes: dict[BranchName, RecipeConfig] = Field(
        default={},
        description="Recipes by name, merged like `labels`. A built-in recipe can change its `encoder` only.",
    )
    recipe: BranchName | None = Field(
        default="joint", description="Recipe of the model to train, judge, and publish. null if you give `branches`."
    )
    baseline: BranchName | None = Field(
        default="promotions_only",
        description="Recipe of the model to train for comparison, which is never published. null: no such model.",
    )
    branches: tuple[BranchConfig, ...] = Field(
        default=(),
        description="Models that a run trains and judges, in place of `recipe` and `baseline`. Each has its own seed, "
        "settings, and start.",
    )
    simulation: SimulationConfig | None = Field(
        default=None, description="The world that `coldcast simulate` makes. null if the logs are real."
    )
    ingestion: IngestionConfig = IngestionConfig()
    tiers: TiersConfig = TiersConfig()
    split: SplitConfig = SplitConfig()
    features: FeaturesConfig = FeaturesConfig()
    validation: ValidationConfig = ValidationConfig()
    model: ModelConfig = ModelConfig()
    trainer: TrainerConfig = TrainerConfig()
    tuner: TunerConfig = TunerConfig()
    evaluator: EvaluatorConfig = EvaluatorConfig()
    pusher: PusherConfig = PusherConfig()
    serving: ServingConfig = ServingConfig()
    beam: BeamConfig = BeamConfig()
    runs: RunsConfig = RunsConfig()
    compare: CompareConfig = CompareConfig()
    hooks: tuple[Hook, ...] = Field(
        default=(), description="What to call when a run has ended (docs/operations.md#hooks)."
    )

    @model_validator(mode="before")
    @classmethod
    def _filled_in(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Fills in the places of the config's name, the built-in rows, and the short form of branches."""
        values = default_places(values.get("name", "default"), values.get("root")) | values
        if values.get("branches"):  # they stand in place of the short form
            for key in ("recipe", "baseline"):
                if values.setdefault(key, None) is not None:
                    raise ValueError(f"{key}: it is a short form of `branches`; give one or the other")
        return with_built_in_rows(values)

    @field_validator("root")
    @classmethod
    def _on_this_machine(cls, root: str) -> str:
        if not is_local(root):  # the metadata store is a file of SQLite
            raise ValueError("name a folder of this machine; `logs` and `pusher.directory` may lie in an object store")
        if problem := pattern_problem(root):
            raise ValueError(problem)
        return root

    @field_serializer("labels", "tasks", "recipes")
    def _with_removed_rows(self, rows: Mapping[str, BaseModel], info: FieldSerializationInfo) -> dict[str, Any]:
        """The rows, and null for each built-in row that is not among them: read again, they make the same table."""
        removed = dict.fromkeys(name for name in BUILT_IN[info.field_name] if name not in rows)
        return {**{name: row.model_dump(mode=info.mode) for name, row in rows.items()}, **removed}

    @model_validator(mode="after")
    def _names_declared(self) -> "Config":
        """Refuses names that nothing declares, which would otherwise stop a run later."""
        domain = declared_domain(self.sources, self.labels)
        check_tasks(self.tasks, domain)
        check_recipes(self.recipes, self.tasks, domain)
        self.features.check(domain)
        self.evaluator.check_names(domain)
        self.validation.check_names(
            dict.fromkeys(  # those left out, too
                feature.name for feature in (*self.features.table(domain), *built_in_features(domain))
            )
        )
        if self.features.extra:
            from logs.columns import columns_of  # imports Polars
            from logs.errors import LogError

            try:
                columns_of(self.features.table(domain), domain)
            except LogError as error:
                raise ValueError(f"features.extra: {error}") from None
        return self

    @model_validator(mode="after")
    def _branches_can_run(self) -> "Config":
        if not self.branches and self.recipe is None:
            raise ValueError("recipe: name the recipe to train, or give `branches`")
        check_branches(self.branch_rows)
        check_space(self.tuner)
        for row in self.branch_rows:
            if row.recipe not in self.recipes:
                key = f"branches.{row.name}.recipe" if self.branches else "recipe" if row.pushed else "baseline"
                raise ValueError(f"{key}: {_without_recipe(row.recipe, self)}")
        for branch, row in zip(self.branches_to_run, self.branch_rows, strict=True):
            check_branch(branch, row, self.tasks, self.domain, self.features)
        return self

    @property
    def domain(self) -> Domain:
        """The sources and labels of the run."""
        return Domain(sources=self.sources, labels=self.labels)

    @property
    def feature_table(self) -> tuple[Feature, ...]:
        """Every feature that ingestion fills and Transform knows."""
        return self.features.table(self.domain)

    @property
    def branches_to_run(self) -> tuple[Branch, ...]:
        """The branches in the config's order; of the short form, the baseline comes first."""
        return tuple(
            Branch(
                name=row.name,
                recipe_name=row.recipe,
                recipe=bound_recipe(row.recipe, self.recipes[row.recipe], self.tasks),
                seed=self.seed if row.seed is None else row.seed,
                model=with_overrides(self.model, row.model, f"branches.{row.name}.model"),
                trainer=with_overrides(self.trainer, row.trainer, f"branches.{row.name}.trainer"),
                start_from=row.start_from or row.trainer.get("start_from", self.trainer.start_from),
                pushed=row.pushed,
                tuned=row.tuned,
            )
            for row in self.branch_rows
        )

    @property
    def used_sources(self) -> tuple[str, ...]:
        """The sources that a branch is trained on or measured on: each split of a run must contain them."""
        used = {name for branch in self.branches_to_run for name in (*branch.recipe.trained_on, *branch.recipe.read_on)}
        return tuple(source for source in self.sources if source in used)

    @property
    def pushed_branch(self) -> Branch | None:
        """The branch whose model is pushed, if any."""
        return next((branch for branch in self.branches_to_run if branch.pushed), None)

    @property
    def places_of_the_name(self) -> set[str]:
        """The keys of places that follow from other keys: a copy of the config under another name has its own."""
        return {key for key, place in default_places(self.name, self.root).items() if getattr(self, key) == place}

    @property
    def models(self) -> str:
        """Folder of the pushed versions, as TensorFlow Serving mounts it."""
        if directory := self.pusher.directory:
            return os.path.realpath(directory) if is_local(directory) else directory
        return f"{self.home}/models/{self.serving.model_name}"

    @property
    def home(self) -> str:
        """`root` as an absolute path: the metadata store and cache keys must mean the same from any folder."""
        return os.path.realpath(self.root)

    @property
    def messages(self) -> Path:
        """Folder of the libraries' messages, a file for each command."""
        return Path(self.home) / "messages"

    @property
    def metadata(self) -> Path:
        """The ML Metadata store, an SQLite file."""
        return Path(self.home) / "metadata.sqlite"

    @property
    def branch_rows(self) -> tuple[BranchConfig, ...]:
        """The rows of `branches`, or those that the short form stands for."""
        return self.branches or short_form(self.recipe, self.baseline)


def _without_recipe(name: str, config: Config) -> str:
    """Why `config` has no recipe of this name."""
    valid = f"valid recipes are {', '.join(config.recipes) or 'none'}"
    built_in = DEFAULT_RECIPES.get(name)
    if built_in is None:
        return f"unknown recipe {name!r}; {valid}"
    sources = dict.fromkeys((*built_in.trained_on, *(built_in.read_on or ())))
    missing = [f"the task {head}" for head in built_in.heads if head not in config.tasks]
    missing += [f"the source {source}" for source in sources if source not in config.sources]
    if not missing:
        return f"the built-in recipe {name} is removed by null in `recipes`; {valid}"
    return f"the built-in recipe {name} needs {', '.join(missing)}, which the config does not declare; {valid}"
