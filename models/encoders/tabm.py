"""TabM-mini: an ensemble whose members share the dense layers, and differ in how they scale the input."""

from collections.abc import Sequence
from typing import Any

import keras

from models.encoders.encoder import Encoder
from models.layers.dense_stack import DenseStack
from models.layers.member_scale import MemberScale


@keras.saving.register_keras_serializable("coldcast")
class TabmEncoder(Encoder):
    """Members that scale the input by numbers of their own, then share one stack of dense layers.

        z_k = stack(x * s_k),    z_tk = z_k for every head t

    The towers share their dense layers among the members too, and have a logit for each member. The loss is the mean of
    the members' losses. The score is the mean of the members' probabilities. Source: Gorishniy, Kotelnikov and Babenko,
    "TabM: advancing tabular deep learning with parameter-efficient ensembling" (ICLR 2025), arXiv 2410.24210. Unlike
    theirs, the layers have batch norm, with the statistics of all members together.

    A step costs about `members` times that of the dense encoder of the same units.

    Args:
        heads: names of the heads.
        members: number of members, at least 2.
        units: width of each dense layer, at least one, each at least 1.
        batch_norm_momentum: share of the old value that the moving statistics keep at each step, in [0, 1).
        dropout: share of each layer's outputs that is dropped in training, in [0, 1).
        **kwargs: those of `Encoder` and `keras.layers.Layer`.

    Raises:
        ValueError: there are fewer than 2 members.

    Example:
        >>> TabmEncoder(("click", "stream"), members=4, units=(8,))(np.zeros((2, 40), np.float32))["click"].shape
        TensorShape([2, 4, 8])
    """

    def __init__(
        self,
        heads: Sequence[str],
        members: int = 8,
        units: Sequence[int] = (256, 128),
        batch_norm_momentum: float = 0.9,
        dropout: float = 0.4,
        **kwargs: Any,
    ) -> None:
        super().__init__(heads, **kwargs)
        if members < 2:
            raise ValueError(f"an ensemble has at least 2 members, not {members}; DenseEncoder is a single model")
        self.scale = MemberScale(members, self.sections, name="scale")
        self.stack = DenseStack(units, batch_norm_momentum, dropout, name="stack")

    @property
    def members(self) -> int:
        """Number of members."""
        return self.scale.members

    @property
    def input_kernels(self) -> tuple[keras.Variable, ...]:
        """The members' scales and the kernel of the first dense layer."""
        return (self.scale.scale, self.stack.input_kernel)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Makes the weights.

        Raises:
            ValueError: the input is not `[n, width]`.
        """
        self.scale.build(input_shape)
        self.stack.build(input_shape)

    def call(self, inputs: keras.KerasTensor, training: bool | None = None) -> dict[str, keras.KerasTensor]:
        """Maps float32 `[n, width]` to the same float32 `[n, members, units[-1]]` for each head."""
        scaled = self.scale(inputs)
        width = scaled.shape[-1]
        rows = self.stack(keras.ops.reshape(scaled, (-1, width)), training=training)
        return dict.fromkeys(self.heads, keras.ops.reshape(rows, (-1, self.members, self.stack.units[-1])))

    def get_config(self) -> dict[str, object]:
        """The arguments, for saving."""
        stack = self.stack
        return {
            **super().get_config(),
            "members": self.members,
            "units": list(stack.units),
            "batch_norm_momentum": stack.batch_norm_momentum,
            "dropout": stack.dropout,
        }
