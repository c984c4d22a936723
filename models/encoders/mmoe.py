"""Multi-gate mixture of experts: each head weighs the same experts by a gate of its own."""

from collections.abc import Sequence
from typing import Any

import keras

from models.encoders.encoder import Encoder
from models.layers.dense_stack import DenseStack


@keras.saving.register_keras_serializable("coldcast")
class MmoeEncoder(Encoder):
    """Experts that all heads share, mixed for each head by its own softmax gate.

        z_t = sum_e g_t(x)_e f_e(x),    g_t(x) = softmax(x W_t)

    Each expert f_e is a stack of dense layers with batch norm; W_t is `[width, experts]`. Source: Ma et al., "Modeling
    task relationships in multi-task learning with multi-gate mixture-of-experts" (KDD 2018),
    doi 10.1145/3219819.3220007.

    Args:
        heads: names of the heads.
        experts: number of experts, at least 1.
        units: width of each dense layer of an expert, at least one, each at least 1.
        batch_norm_momentum: share of the old value that the moving statistics keep at each step, in [0, 1).
        dropout: share of each dense layer's outputs that is dropped in training, in [0, 1).
        **kwargs: those of `keras.layers.Layer`.

    Example:
        >>> MmoeEncoder(("click", "stream"), experts=3, units=(8,))(np.zeros((2, 40), np.float32))["click"].shape
        TensorShape([2, 8])
    """

    def __init__(
        self,
        heads: Sequence[str],
        experts: int = 4,
        units: Sequence[int] = (128, 64),
        batch_norm_momentum: float = 0.9,
        dropout: float = 0.4,
        **kwargs: Any,
    ) -> None:
        super().__init__(heads, **kwargs)
        self.experts = [
            DenseStack(units, batch_norm_momentum, dropout, name=f"expert_{index}") for index in range(experts)
        ]
        self.gates = [
            keras.layers.Dense(experts, use_bias=False, activation="softmax", name=f"gate_{head}")
            for head in self.heads
        ]

    @property
    def input_kernels(self) -> tuple[keras.Variable, ...]:
        """The first kernel of each expert, and the kernels of the gates."""
        return (*(expert.input_kernel for expert in self.experts), *(gate.kernel for gate in self.gates))

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Makes the weights.

        Raises:
            ValueError: the input is not `[n, width]`.
        """
        for layer in (*self.experts, *self.gates):
            layer.build(input_shape)

    def call(self, inputs: keras.KerasTensor, training: bool | None = None) -> dict[str, keras.KerasTensor]:
        """Maps float32 `[n, width]` to float32 `[n, units[-1]]` for each head."""
        outputs = keras.ops.stack([expert(inputs, training=training) for expert in self.experts], axis=1)
        return {
            head: keras.ops.einsum("ne,neu->nu", gate(inputs), outputs)
            for head, gate in zip(self.heads, self.gates, strict=True)
        }

    def get_config(self) -> dict[str, object]:
        """The arguments, for saving."""
        expert = self.experts[0]
        return {
            **super().get_config(),
            "experts": len(self.experts),
            "units": list(expert.units),
            "batch_norm_momentum": expert.batch_norm_momentum,
            "dropout": expert.dropout,
        }
