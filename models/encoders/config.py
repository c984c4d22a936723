"""The encoders that a recipe can name, with their sizes: a union by `kind`.

Each config builds its Keras layer, which is a file of its own beside this one; `sections` are those of `Encoder`. To
add an encoder, add that file, add its config here, and add the config to the union at the end. Keras is imported only
when a layer is built, since the command line reads configs without it.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt

if TYPE_CHECKING:
    from models.encoders.encoder import Encoder

_Units = Annotated[tuple[PositiveInt, ...], Field(min_length=1)]
_Momentum = Annotated[
    float,
    Field(
        ge=0.0,
        lt=1.0,
        description="Share of the old value that batch norm's moving statistics keep at each step. The default is "
        "small, so that a few dozen batches are enough.",
    ),
]
_Dropout = Annotated[
    float,
    Field(
        ge=0.0,
        lt=1.0,
        description="Share of each layer's outputs that training drops. It prevents overfitting in the second epoch "
        "if positives are rare.",
    ),
]

_OutputActivation = Annotated[
    Literal["relu", "swish"],
    Field(
        description="Activation after the last batch norm of an expert. `swish` is the expert normalisation of HoME: "
        "few outputs are 0, so that no gate gives up an expert."
    ),
]


class DenseConfig(BaseModel):
    """Dense layers, each followed by batch norm: one representation that all heads share."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["dense"] = "dense"
    units: _Units = Field(default=(256, 128), description="Units of the dense layers, first to last.")
    batch_norm_momentum: _Momentum = 0.9
    dropout: _Dropout = 0.4
    batch_norm: bool = Field(
        default=True, description="Whether batch norm follows each layer. false: a bias does, for an ablation."
    )

    def layer(self, heads: tuple[str, ...], sections: Sequence[int] = ()) -> "Encoder":
        """The layer, from `[n, width]` to a representation `[n, units]` for each head."""
        from models.encoders.dense import DenseEncoder

        return DenseEncoder(heads, sections=sections, **self.model_dump(exclude={"kind"}))


class MmoeConfig(BaseModel):
    """Multi-gate mixture of experts: each head mixes the same experts by a gate of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["mmoe"] = "mmoe"
    experts: PositiveInt = Field(default=4, description="Number of experts that all heads share.")
    units: _Units = Field(default=(64, 64), description="Units of each expert's dense layers, first to last.")
    batch_norm_momentum: _Momentum = 0.9
    dropout: _Dropout = 0.4
    output_activation: _OutputActivation = "relu"

    def layer(self, heads: tuple[str, ...], sections: Sequence[int] = ()) -> "Encoder":
        """The layer, from `[n, width]` to a representation `[n, units]` for each head."""
        from models.encoders.mmoe import MmoeEncoder

        return MmoeEncoder(heads, sections=sections, **self.model_dump(exclude={"kind"}))


class PleConfig(BaseModel):
    """Progressive layered extraction: each head mixes experts of its own and shared ones, level by level."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["ple"] = "ple"
    shared_experts: PositiveInt = Field(default=3, description="Number of experts of each level that all heads share.")
    task_experts: PositiveInt = Field(default=1, description="Number of experts of each level that a head has alone.")
    units: _Units = Field(
        default=(32, 64), description="Units of the experts of each level, first to last. An expert is one dense layer."
    )
    batch_norm_momentum: _Momentum = 0.9
    dropout: _Dropout = 0.4
    output_activation: _OutputActivation = "relu"

    def layer(self, heads: tuple[str, ...], sections: Sequence[int] = ()) -> "Encoder":
        """The layer, from `[n, width]` to a representation `[n, units]` for each head."""
        from models.encoders.ple import PleEncoder

        return PleEncoder(heads, sections=sections, **self.model_dump(exclude={"kind"}))


class TabmConfig(BaseModel):
    """An ensemble whose members share the dense layers, and scale the input by numbers of their own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["tabm"] = "tabm"
    members: int = Field(
        default=8, ge=2, description="Number of members. A step costs about as many times that of `dense`."
    )
    units: _Units = Field(default=(256, 128), description="Units of the dense layers, first to last.")
    batch_norm_momentum: _Momentum = 0.9
    dropout: _Dropout = 0.4

    def layer(self, heads: tuple[str, ...], sections: Sequence[int] = ()) -> "Encoder":
        """The layer, from `[n, width]` to a representation `[n, members, units]` for each head."""
        from models.encoders.tabm import TabmEncoder

        return TabmEncoder(heads, self.members, self.units, self.batch_norm_momentum, self.dropout, sections=sections)


AnyEncoder = DenseConfig | MmoeConfig | PleConfig | TabmConfig


def _with_kind(value: Any) -> Any:
    if isinstance(value, str):
        value = {"kind": value}
    if not isinstance(value, Mapping):
        return value
    kinds = [config.model_fields["kind"].default for config in get_args(AnyEncoder)]
    kind = value.get("kind", "dense")
    if kind not in kinds:
        raise ValueError(f"unknown kind {kind!r}; valid kinds are {', '.join(kinds)}")
    return {**value, "kind": kind}


EncoderConfig = Annotated[AnyEncoder, Field(discriminator="kind"), BeforeValidator(_with_kind)]
"""An encoder's kind and sizes. A kind alone, as a string, has its default sizes; sizes alone are those of `dense`."""
