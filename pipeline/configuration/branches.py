"""The branches of a run: models that it trains and judges, at most one of which it pushes (docs/model.md#branches)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from files.paths import HomePath
from models.config import ModelConfig, TrainerConfig
from models.recipes import Recipe
from models.spec import TrainingSpec
from pipeline.configuration.rows import overlaid
from pipeline.configuration.words import sentence
from transforms.config import FeaturesConfig
from transforms.domain import Domain
from transforms.features import of_sources

LAST = "last"
"""The value of `start_from` for the last blessed model of the branch itself."""

_RESERVED = (LAST, "split", "statistics")  # `Resolver.split` and `Resolver.statistics` are nodes already

BranchName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
"""A branch or a recipe; it becomes part of the ids of nodes and of the names of folders."""

Seed = Annotated[int, Field(ge=0, lt=2**32)]  # Keras takes no greater seed

_Section = TypeVar("_Section", ModelConfig, TrainerConfig)


class BranchConfig(BaseModel):
    """One row of the config section `branches`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: BranchName = Field(description="Name of the branch. Default: the recipe's name.")
    recipe: BranchName = Field(description="Recipe of the model.")
    seed: Seed | None = Field(default=None, description="Seed of training. Default: the config's `seed`.")
    model: dict[str, Any] = Field(default={}, description="Keys of the section `model` that differ in this branch.")
    trainer: dict[str, Any] = Field(default={}, description="Keys of the section `trainer` that differ in this branch.")
    start_from: HomePath | None = Field(
        default=None,
        min_length=1,
        description="Model that training starts from: `last` for the last blessed model of this branch (random weights "
        "on the first run), the name of another branch, or the folder of a trained or published model. Default: random "
        "weights.",
    )
    tuned: bool = Field(
        default=False,
        description="Whether it is trained with the values that the search of the section `tuner` finds best. The run "
        "does the search, unless `coldcast tune` has done it.",
    )
    pushed: bool = Field(
        default=False, description="Whether to publish its model if it is blessed. At most one branch."
    )

    @model_validator(mode="before")
    @classmethod
    def _named_after_the_recipe(cls, values: Any) -> Any:
        if isinstance(values, Mapping) and "name" not in values and "recipe" in values:
            return {"name": values["recipe"], **values}
        return values

    @field_validator("name")
    @classmethod
    def _not_reserved(cls, name: str) -> str:
        if name in _RESERVED:
            raise ValueError("the name has another meaning; choose another")
        return name


@dataclass(frozen=True)
class Branch:
    """A branch with all that it takes from other sections of the config.

    Attributes:
        name: name of the branch.
        recipe_name: name of its recipe.
        recipe: the recipe with its tasks.
        seed: seed of training.
        model: the section `model` with the branch's own keys over it.
        trainer: the section `trainer` with the branch's own keys over it.
        start_from: `last`, another branch's name, or a folder; None for random weights.
        pushed: whether its model is pushed if it is blessed.
        tuned: whether the Tuner's best values go over its settings.
    """

    name: str
    recipe_name: str
    recipe: Recipe
    seed: int
    model: ModelConfig
    trainer: TrainerConfig
    start_from: str | None = None
    pushed: bool = False
    tuned: bool = False

    def spec(self, domain: Domain, features: FeaturesConfig) -> TrainingSpec:
        """All that decides what the branch's Trainer produces, apart from its inputs.

        Args:
            domain: the sources and labels of the run.
            features: the config section.
        """
        # Settings without effect must not change a cache key: features that the model does not take, and idle options.
        spec = self.tunable_spec(domain, features)
        model, trainer = self.model.effective(spec.features), self.trainer.effective(self.recipe.heads)
        return spec.model_copy(update={"model": model, "trainer": trainer})

    def tunable_spec(self, domain: Domain, features: FeaturesConfig) -> TrainingSpec:
        """The same with idle options as the user wrote them: values of the Tuner may switch on what makes them count.

        Args:
            domain: the sources and labels of the run.
            features: the config section.
        """
        inputs = of_sources(features.chosen(domain), self.recipe.trained_on)
        return TrainingSpec(
            name=self.name,
            recipe=self.recipe,
            sources=domain.sources,
            seed=self.seed,
            features=inputs,
            model=self.model,
            trainer=self.trainer.model_copy(update={"start_from": None}),  # the pipeline's wiring says it
        )


def short_form(recipe: str | None, baseline: str | None) -> tuple[BranchConfig, ...]:
    """The branches of the config keys `recipe` and `baseline`: the baseline first, then the one that is pushed."""
    names = dict.fromkeys(name for name in (baseline, recipe) if name is not None)
    return tuple(BranchConfig(name=name, recipe=name, pushed=name == recipe) for name in names)


def check_branches(branches: Sequence[BranchConfig]) -> None:
    """Checks that names are unique, that at most one branch is pushed, and where each one starts from.

    Raises:
        ValueError: the message begins with the key.
    """
    names = [branch.name for branch in branches]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"branches: {names.count(name)} branches have the name {name!r}; give each its own `name`")
    pushed = [branch.name for branch in branches if branch.pushed]
    if len(pushed) > 1:
        raise ValueError(f"branches: {' and '.join(pushed)} are both pushed; set `pushed: true` in one branch only")
    for branch in branches:
        start = branch.start_from
        if start not in (None, LAST, *names) and "/" not in str(start):
            others = ", ".join(name for name in names if name != branch.name)
            raise ValueError(
                f"branches.{branch.name}.start_from: there is no branch {start!r}; valid values are {LAST}"
                f"{', ' if others else ''}{others}, and a folder, which has a slash in it"
            )
    in_order(branches)


def in_order(branches: Sequence[BranchConfig | Branch]) -> tuple[str, ...]:
    """Names of the branches, each one after the branch that it starts from.

    Raises:
        ValueError: branches start from each other in a circle.
    """
    names = {branch.name for branch in branches}
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for branch in branches:
        sorter.add(branch.name, *({branch.start_from} & names if branch.start_from else ()))
    try:
        return tuple(sorter.static_order())
    except CycleError as error:
        first, *others = reversed(error.args[1])
        circle = ", which starts from ".join(others)
        raise ValueError(
            f"branches.{first}.start_from: {first} starts from {circle}; let one of them start from another model"
        ) from None


def with_overrides(section: _Section, overrides: Mapping[str, Any], key: str) -> _Section:
    """A section of the config with a branch's own keys over it.

    Args:
        section: the section as the config has it.
        overrides: the keys of the branch, as in YAML.
        key: where they are in the config, for errors.

    Raises:
        ValueError: a key or value is not valid.
    """
    kind = type(section)
    try:
        return kind.model_validate(overlaid(section.model_dump(), overrides))
    except ValidationError as error:
        raise ValueError("; ".join(f"{key}.{sentence(detail, kind)}" for detail in error.errors())) from None
