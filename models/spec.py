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
        recipe_name: the recipe's name, for logs and reports.
        recipe: sources, heads, balance and encoder.
        seed: of weights, shuffles and dropout.
        features: the feature table and the groups switched on.
        model: the architecture's sizes.
        trainer: the optimisation.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    recipe_name: str
    recipe: Recipe
    seed: int = 0
    features: FeaturesConfig = Field(default_factory=FeaturesConfig)
    model: ModelConfig = Field(default_factory=ModelConfig)
    trainer: TrainerConfig = Field(default_factory=TrainerConfig)

    @property
    def inputs(self) -> tuple[Feature, ...]:
        """The features that the model takes."""
        return features_of(self.recipe, self.features)


def features_of(recipe: Recipe, config: FeaturesConfig) -> tuple[Feature, ...]:
    """The inputs of a recipe's model: of the chosen features those that one of its sources fills."""
    return of_sources(config.chosen(), recipe.sources)
