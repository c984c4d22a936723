"""Everything that decides what a training run produces, as one JSON-able value."""

from pydantic import BaseModel, ConfigDict, Field

from models.config import ModelConfig, TrainerConfig
from models.recipes import Recipe
from transforms.feature import Feature
from transforms.features import FEATURES, of_sources


class TrainingSpec(BaseModel):
    """One training run. Trainer's `custom_config` has it under `spec`, dumped with `mode="json"`.

    Attributes:
        name: the branch's name, for progress and reports.
        recipe: sources, tasks, balance, and encoder.
        sources: every source of the domain, in its order.
        seed: of weights, shuffles, and dropout.
        features: the features of the groups that are switched on.
        model: the sizes that all recipes share.
        trainer: the optimisation.
        kept_transform: whether the Transform is that of the model that training starts from (`coldcast finetune`). Then
            a hashed id that the model has not met counts as missing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    recipe: Recipe
    sources: tuple[str, ...]
    seed: int = 0
    features: tuple[Feature, ...] = FEATURES
    model: ModelConfig = Field(default_factory=ModelConfig)
    trainer: TrainerConfig = Field(default_factory=TrainerConfig)
    kept_transform: bool = False

    @property
    def inputs(self) -> tuple[Feature, ...]:
        """The features that the model takes: those about no source, or about one that it is trained on."""
        return of_sources(self.features, self.recipe.trained_on)
