"""The balancers that `trainer.balancer` can name, with their settings: a union by `kind`.

Each config makes its balancer, which is a file of its own beside this one. To add a balancer, add that file, add its
config here, and add the config to the union at the end. TensorFlow is imported only when a balancer is made, since the
command line reads configs without it.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

if TYPE_CHECKING:
    from models.training.balancing.balancer import Balancer
    from models.training.balancing.make import Tasks

_Rate = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
_From0 = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
_KIND = "Name of the balancer."


class FixedConfig(BaseModel):
    """Constant weights, those of `loss_weights`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["fixed"] = Field(default="fixed", description=_KIND)

    def make(self, tasks: "Tasks") -> "Balancer":
        """The balancer of these tasks."""
        from models.training.balancing.fixed import FixedWeights

        return FixedWeights(tasks.weights)


class UncertaintyConfig(BaseModel):
    """Weights that follow the size of each loss (Kendall et al. 2018)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["uncertainty"] = Field(default="uncertainty", description=_KIND)
    learning_rate: _Rate = Field(default=0.025, description="Size of a step of the log variances.")

    def make(self, tasks: "Tasks") -> "Balancer":
        """The balancer of these tasks."""
        from models.training.balancing.uncertainty import UncertaintyWeights

        return UncertaintyWeights(tasks.weights, self.learning_rate)


class GradNormConfig(BaseModel):
    """Weights that let all tasks learn at a similar pace (Chen et al. 2018)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["gradnorm"] = Field(default="gradnorm", description=_KIND)
    learning_rate: _Rate = Field(default=0.025, description="Size of a step of the weights.")
    alpha: _From0 = Field(default=1.5, description="How strongly a task that learns slowly is pulled. 0: equal norms.")

    def make(self, tasks: "Tasks") -> "Balancer":
        """The balancer of these tasks."""
        from models.training.balancing.gradnorm import GradNorm

        return GradNorm(tasks.weights, tasks.shared, self.learning_rate, self.alpha)


class PcGradConfig(BaseModel):
    """No weights: gradients of tasks that conflict are projected (Yu et al. 2020)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["pcgrad"] = Field(default="pcgrad", description=_KIND)

    def make(self, tasks: "Tasks") -> "Balancer":
        """The balancer of these tasks."""
        from models.training.balancing.pcgrad import PcGrad

        return PcGrad(tasks.weights, tasks.towers, tasks.seed)


class FamoConfig(BaseModel):
    """Weights that let the log losses of all tasks fall equally (Liu et al. 2023)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["famo"] = Field(default="famo", description=_KIND)
    learning_rate: _Rate = Field(default=0.025, description="Size of a step of the logits of the weights.")
    decay: _From0 = Field(default=0.001, description="Share of the logits that a step of learning rate 1 removes.")

    def make(self, tasks: "Tasks") -> "Balancer":
        """The balancer of these tasks."""
        from models.training.balancing.famo import Famo

        return Famo(tasks.weights, self.learning_rate, self.decay)


_Balancer = FixedConfig | UncertaintyConfig | GradNormConfig | PcGradConfig | FamoConfig

KINDS: tuple[str, ...] = tuple(config.model_fields["kind"].default for config in get_args(_Balancer))
"""The kinds of balancers."""


def _with_kind(value: Any) -> Any:
    if isinstance(value, str):
        value = {"kind": value}
    if not isinstance(value, Mapping):
        return value
    kind = value.get("kind", "fixed")
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}; valid kinds are {', '.join(KINDS)}")
    return {**value, "kind": kind}


BalancerConfig = Annotated[_Balancer, Field(discriminator="kind"), BeforeValidator(_with_kind)]
"""A balancer's kind and settings. A kind alone, as a string, has its default settings."""
