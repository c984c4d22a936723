"""The `model` and `trainer` sections of the config."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

from models.training.balancing.config import KINDS, BalancerConfig, FixedConfig
from transforms.feature import Feature
from transforms.kinds import QUANTILE_BINS

MeanOver = Literal["batch", "allowed"]
_Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]


class ModelConfig(BaseModel):
    """The parts of the architecture that all recipes share; an encoder's sizes belong to its recipe."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    embedding_dim: PositiveInt = Field(default=16, description="Length of each row of the fused embedding table.")
    tower_units: tuple[PositiveInt, ...] = Field(
        default=(64,), description="Units of each tower's dense layers before its logit. Empty: no such layers."
    )
    numeric_bins: int = Field(
        default=0,
        ge=0,
        le=QUANTILE_BINS,
        description="Number of quantile bins that encode a number (piecewise linear). 0: it enters as its z-score.",
    )
    numeric_width: int = Field(
        default=0,
        ge=0,
        description="Length of the embedding of a number, made of its bins. 0: the bins enter the encoder themselves.",
    )
    embedding_dropout: _Fraction = Field(
        default=0.0, description="Share of the numbers in each example's embeddings that training drops."
    )
    id_dropout: _Fraction = Field(
        default=0.0,
        description="Share of training examples in which an id is hidden, so that the model learns to score new ids "
        "by their content.",
    )
    id_dropout_features: tuple[str, ...] = Field(
        default=("show_id", "episode_id", "campaign_id", "creative_id"),
        description="Features whose ids `id_dropout` hides, each on its own. A model needs not use all of them.",
    )
    history_pooling: Literal["mean", "attention"] = Field(
        default="mean",
        description="How a list that shares its embeddings with an id of the candidate, such as `user_recent_shows`, "
        "becomes one embedding. `mean`: the mean of its values. `attention`: a sum in which the candidate weighs each "
        "value (Deep Interest Network).",
    )

    def effective(self, features: Sequence[Feature]) -> "ModelConfig":
        """The same model, with options that have no effect at their defaults.

        They must not change a cache key. The config itself keeps what a user wrote, because a branch may turn on
        another option that gives them an effect.

        Args:
            features: the features that the model takes.
        """
        names = {feature.name for feature in features}
        hidden = tuple(sorted(names.intersection(self.id_dropout_features))) if self.id_dropout else ()
        shared = any(feature.shares in names for feature in features)
        return self.model_copy(
            update={
                "numeric_width": self.numeric_width if self.numeric_bins else 0,
                "id_dropout": self.id_dropout if hidden else 0.0,
                "id_dropout_features": hidden,
                "history_pooling": self.history_pooling if shared else "mean",
            }
        )


class TrainerConfig(BaseModel):
    """The training of every recipe, by Adam, whose rate rises linearly and then falls along a cosine."""

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
    weight_decay: float = Field(
        default=0.0,
        ge=0.0,
        allow_inf_nan=False,
        description="Decoupled weight decay (AdamW) of the kernels of dense layers, not of biases, scales, or "
        "embeddings: the share that a step of learning rate 1 removes.",
    )
    embedding_weight_decay: float = Field(
        default=0.0,
        ge=0.0,
        allow_inf_nan=False,
        description="The same for embeddings. A step decays the rows that its batch looks up.",
    )
    embedding_epochs: PositiveInt | None = Field(
        default=2,
        description="Embeddings learn in this many first epochs only, since ids overfit first. null: in all epochs.",
    )
    average_decay: _Fraction = Field(
        default=0.0,
        description="Share of the old average that each step keeps in a moving average of the weights. Validation, the "
        "choice of the epoch, and the exported model then use the average. 0: the last weights.",
    )
    frozen_encoder: bool = Field(
        default=False,
        description="Whether only towers learn. Embeddings, encoder, and the statistics of batch norm stay those of "
        "the model that training starts from, and so do the towers of tasks whose loss weight is 0.",
    )
    rows: PositiveInt | None = Field(
        default=None,
        description="Number of training rows, a random sample that the seed decides. null: all rows.",
    )
    decided_by: str | None = Field(
        default=None,
        description="Task whose mean validation AP over its sources decides when training stops. null: the stream "
        "tasks.",
    )
    start_from: Literal["last"] | None = Field(
        default=None,
        description="`last`: every branch without a `start_from` of its own starts from its last blessed model. "
        "null: it starts from random weights.",
    )
    mean_over: MeanOver = Field(
        default="batch",
        description="`batch`: the mean of a task's loss is over the whole batch, and masked examples count as 0, as in "
        "the publication. `allowed`: it is over the examples that the mask allows.",
    )
    loss_weights: dict[str, Annotated[float, Field(ge=0.0, allow_inf_nan=False)]] = Field(
        default_factory=dict, description="lambda_t by task. Default of each task: 1."
    )
    balancer: BalancerConfig = Field(
        default=FixedConfig(),
        description="Method that makes one gradient of the weighted losses, with its settings: "
        f"{', '.join(f'`{kind}`' for kind in KINDS)}.",
    )

    calibrate: bool = Field(
        default=True,
        description="Whether each head gets a scale and a bias after training, fitted on the validation split, so that "
        "its probabilities add up to the outcomes. They change no ranking.",
    )

    def effective(self, heads: Sequence[str]) -> "TrainerConfig":
        """The same training, with options that have no effect at one fixed value (see `ModelConfig.effective`).

        Args:
            heads: of the model, in its order. Loss weights of others have no effect, and one head needs no balancer.
        """
        all_epochs = self.embedding_epochs is not None and self.embedding_epochs >= self.epochs
        return self.model_copy(
            update={
                "embedding_epochs": None if all_epochs else self.embedding_epochs,
                "start_from": None,  # the wiring of the pipeline decides it
                "loss_weights": {head: self.loss_weights.get(head, 1.0) for head in heads},
                "balancer": self.balancer if len(heads) > 1 else FixedConfig(),
            }
        )

    @model_validator(mode="after")
    def _equal_shares(self) -> "TrainerConfig":
        if self.batch_size % self.replicas:
            raise ValueError(
                f"replicas: {self.batch_size} examples cannot be shared equally by {self.replicas} replicas; make "
                "batch_size a multiple of replicas"
            )
        return self
