"""The `tuner` section of the config."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, PositiveInt, model_validator


class Range(BaseModel):
    """Numbers from `low` to `high`; whole numbers if both bounds are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    low: int | FiniteFloat = Field(description="The least value.")
    high: int | FiniteFloat = Field(description="The greatest value.")
    log: bool = Field(default=False, description="Whether to draw on a logarithmic scale. `low` must be above 0.")

    @model_validator(mode="after")
    def _in_order(self) -> "Range":
        if self.low >= self.high:
            raise ValueError(f"low ({self.low}) must be below high ({self.high})")
        if self.log and self.low <= 0:
            raise ValueError(f"low ({self.low}) must be above 0 on a logarithmic scale")
        return self


Space = dict[str, Range | tuple[Any, ...]]
"""The values to try, a list or a range, by path: `trainer.learning_rate`, `model.id_dropout`, `encoder.dropout`."""

DEFAULT_SPACE: Space = {
    "trainer.learning_rate": Range(low=3e-4, high=1e-2, log=True),
    "trainer.weight_decay": (0.0, 0.01, 0.1),
    "model.embedding_dropout": (0.0, 0.1, 0.3),
    "model.id_dropout": (0.0, 0.05, 0.1, 0.2),
    "encoder.dropout": Range(low=0.0, high=0.6),
}
"""The space of a config without one: the keys that most decide how fast a model overfits."""


class TunerConfig(BaseModel):
    """The search of `coldcast tune`. Every branch has the same budget: `trials` times `epochs`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    algorithm: Literal["random", "bayesian"] = Field(
        default="random",
        description="How values are drawn. `random`: independently. `bayesian`: by a Gaussian process on the trials so "
        "far.",
    )
    trials: PositiveInt = Field(default=20, description="Number of models that the search trains for each branch.")
    epochs: PositiveInt | None = Field(
        default=None, description="Greatest number of epochs of a trial. null: `trainer.epochs`, as in the run itself."
    )
    space: Space = Field(
        default=DEFAULT_SPACE,
        description="Keys to search: those of `trainer`, `model`, and the recipe's `encoder`, by path, such as "
        "`encoder.dropout`. Each has a list of values, or `low` and `high`, with `log: true` for a logarithmic scale. "
        "A branch ignores keys that its encoder does not have.",
    )

    @model_validator(mode="after")
    def _something_to_search(self) -> "TunerConfig":
        if not self.space:
            raise ValueError("space: name at least one key, such as trainer.learning_rate")
        for path, values in self.space.items():
            if not isinstance(values, Range) and not values:
                raise ValueError(f"space.{path}: give at least one value")
        return self
