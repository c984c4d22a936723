"""Everything that decides what a training run produces, as one JSON-able value."""

from pydantic import BaseModel, ConfigDict, Field

from models.config import ModelConfig, TrainerConfig
from models.recipes import Recipe
from transforms.config import FeaturesConfig
from transforms.feature import Feature
from transforms.features import of_sources


class TrainingSpec(BaseModel):
    """What `models.training.trainer.run_fn` finds under `spec` in its custom_config, dumped with `mode="json"`.

    Attributes:
        name: the branch's name, for progress and reports.
        recipe: sources, tasks, balance, and encoder.
        sources: every source of the domain, in its order.
        seed: of weights, shuffles, and dropout.
        features: the feature table and the groups switched on.
        model: the sizes that all recipes share.
        trainer: the optimisation.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    recipe: Recipe
    sources: tuple[str, ...]
    seed: int = 0
    features: FeaturesConfig = Field(default_factory=FeaturesConfig)
    model: ModelConfig = Field(default_factory=ModelConfig)
    trainer: TrainerConfig = Field(default_factory=TrainerConfig)

    @property
    def inputs(self) -> tuple[Feature, ...]:
        """The features that the model takes."""
        return features_of(self.recipe, self.features)


def features_of(recipe: Recipe, config: FeaturesConfig) -> tuple[Feature, ...]:
    """The inputs of a recipe's model: those of the chosen features that a source of its training rows fills."""
    return of_sources(config.chosen(), recipe.trained_on)
