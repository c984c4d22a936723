"""The encoders that a recipe can name, with their sizes: a union by `kind`.

Each config builds its Keras layer, which is a file of its own beside this one. Adding an encoder is adding that file, a
config here, and the config to `EncoderConfig`. Keras is imported when a layer is built, since the command line reads
configs without it.
"""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt

if TYPE_CHECKING:
    import keras

Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]


class DenseConfig(BaseModel):
    """Dense layers, each followed by batch norm: one representation that all heads share."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["dense"] = "dense"
    units: tuple[PositiveInt, ...] = Field(
        default=(256, 128), min_length=1, description="Units of the dense layers, first to last."
    )
    batch_norm_momentum: Fraction = Field(
        default=0.9,
        description="Share of the old value that batch norm's moving statistics keep at each step; small enough that "
        "a training split of a few dozen batches fills them.",
    )
    dropout: Fraction = Field(
        default=0.4,
        description="Share of each layer's outputs dropped in training. With a thousand positives among hundreds of "
        "thousands of rows the second epoch overfits without it.",
    )

    def layer(self, heads: tuple[str, ...]) -> "keras.layers.Layer":
        """The layer, from `[n, width]` to a representation `[n, units]` for each head."""
        from models.encoders.dense import DenseEncoder

        return DenseEncoder(heads, self.units, self.batch_norm_momentum, self.dropout)


EncoderConfig = Annotated[
    DenseConfig,  # with a second kind: `DenseConfig | OtherConfig`, and `discriminator="kind"` in the Field below
    Field(),
    BeforeValidator(lambda value: {"kind": value} if isinstance(value, str) else value),
]
"""An encoder's kind and sizes; a kind alone, as a string, takes its default sizes."""
