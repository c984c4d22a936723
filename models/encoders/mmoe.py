"""Multi-gate mixture of experts: each head weighs the same experts by a gate of its own."""

from collections.abc import Sequence
from typing import Any

import keras

from models.encoders.mixture import MixtureEncoder
from models.layers.dense_stack import DenseStack, OutputActivation
from models.layers.mixture import Mixture
from models.layers.products import products


@keras.saving.register_keras_serializable("coldcast")
class MmoeEncoder(MixtureEncoder):
    """Experts that all heads share, mixed for each head by its own softmax gate.

        z_t = sum_e g_t(x)_e f_e(x),    g_t(x) = softmax(x W_t)

    Each expert f_e is a stack of dense layers with batch norm; W_t is `[width, experts]`. Source: Ma et al., "Modeling
    task relationships in multi-task learning with multi-gate mixture-of-experts" (KDD 2018),
    doi 10.1145/3219819.3220007.

    With `output_activation="swish"`, the last layer of an expert is `swish(batch_norm(x W))`. The outputs of all
    experts then have a similar scale, and few of them are 0. This is the expert normalisation of HoME: Wang et al.,
    "HoME: hierarchy of multi-gate experts for multi-task learning at Kuaishou" (2024), arXiv 2408.05430.

    Args:
        heads: names of the heads.
        experts: number of experts, at least 1.
        units: width of each dense layer of an expert, at least one, each at least 1.
        batch_norm_momentum: share of the old value that the moving statistics keep at each step, in [0, 1).
        dropout: share of each dense layer's outputs that is dropped in training, in [0, 1).
        output_activation: `relu` or `swish`, of each expert's last layer.
        **kwargs: those of `Encoder` and `keras.layers.Layer`.

    Example:
        >>> MmoeEncoder(("click", "stream"), experts=3, units=(8,))(np.zeros((2, 40), np.float32))["click"].shape
        TensorShape([2, 8])
    """

    def __init__(
        self,
        heads: Sequence[str],
        experts: int = 4,
        units: Sequence[int] = (64, 64),
        batch_norm_momentum: float = 0.9,
        dropout: float = 0.4,
        output_activation: OutputActivation = "relu",
        **kwargs: Any,
    ) -> None:
        super().__init__(heads, **kwargs)
        self.experts = [
            DenseStack(units, batch_norm_momentum, dropout, output_activation, name=f"expert_{index}")
            for index in range(experts)
        ]
        self.gates = [keras.layers.Dense(experts, use_bias=False, name=f"gate_{head}") for head in self.heads]

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

    def mixtures(self, inputs: keras.KerasTensor, training: bool | None = None) -> list[Mixture]:
        """A mixture of all experts for each head."""
        first = products(inputs, self.input_kernels)
        outputs = keras.ops.stack(
            [expert.finish(first[index], training) for index, expert in enumerate(self.experts)], axis=1
        )
        names = tuple(expert.name for expert in self.experts)
        return [
            Mixture(gate.name, head, names, keras.ops.softmax(logits), outputs)
            for head, gate, logits in zip(self.heads, self.gates, first[len(self.experts) :], strict=True)
        ]

    def get_config(self) -> dict[str, object]:
        """The arguments, for saving."""
        expert = self.experts[0]
        return {
            **super().get_config(),
            "experts": len(self.experts),
            "units": list(expert.units),
            "batch_norm_momentum": expert.batch_norm_momentum,
            "dropout": expert.dropout,
            "output_activation": expert.output_activation,
        }
