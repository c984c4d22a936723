"""The `model` and `trainer` sections of the config."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

MeanOver = Literal["batch", "allowed"]
_Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]


class ModelConfig(BaseModel):
    """The parts of the architecture that all recipes share; an encoder's sizes belong to its recipe."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    embedding_dim: PositiveInt = Field(default=16, description="Length of each row of the fused embedding table.")
    tower_units: tuple[PositiveInt, ...] = Field(
        default=(64,), description="Units of each tower's dense layers before its logit. Empty: no such layers."
    )


class TrainerConfig(BaseModel):
    """How every recipe is trained; the optimizer is Adam, warmed up linearly, then decayed along a cosine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    batch_size: int = Field(default=1024, ge=2, description="Examples of each training step, over all replicas.")
    replicas: PositiveInt = Field(
        default=1,
        description="Copies of the model that share each batch, one for each GPU (without GPUs, one for each logical "
        "CPU device). `batch_size` must be a multiple.",
    )
    epochs: PositiveInt = Field(
        default=8, description="Greatest number of epochs. One epoch has (training rows / batch size) steps."
    )
    patience: PositiveInt = Field(
        default=2, description="Training stops after this many epochs without a better mean validation AP of streams."
    )
    learning_rate: float = Field(
        default=1e-3, gt=0.0, allow_inf_nan=False, description="Adam's learning rate after the warm-up."
    )
    warmup: _Fraction = Field(default=0.1, description="Share of all steps over which the learning rate rises from 0.")
    final_learning_rate: float = Field(
        default=0.05, ge=0.0, le=1.0, description="Learning rate at the end of training, as a share of `learning_rate`."
    )
    mean_over: MeanOver = Field(
        default="batch",
        description="`batch`: the mean of a task's loss is over the whole batch, and masked examples count as 0, as in "
        "the publication. `allowed`: it is over the examples that the mask allows.",
    )
    loss_weights: dict[str, Annotated[float, Field(ge=0.0, allow_inf_nan=False)]] = Field(
        default_factory=dict, description="lambda_t by task. Default of each task: 1."
    )

    calibrate: bool = Field(
        default=True,
        description="Whether each head gets a scale and a bias after training, fitted on the validation split, so that "
        "its probabilities add up to the outcomes. They change no ranking.",
    )

    @model_validator(mode="after")
    def _equal_shares(self) -> "TrainerConfig":
        if self.batch_size % self.replicas:
            raise ValueError(
                f"replicas: {self.batch_size} examples cannot be shared equally by {self.replicas} replicas; make "
                "batch_size a multiple of replicas"
            )
        return self
