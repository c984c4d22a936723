"""One level of progressive layered extraction: shared experts beside experts of each task, and their gates."""

from collections.abc import Sequence
from typing import Any

import keras

from models.layers.dense_stack import DenseStack, OutputActivation
from models.layers.mixture import Mixture
from models.layers.products import products


@keras.saving.register_keras_serializable("coldcast")
class ExtractionLevel(keras.layers.Layer):
    """Customized gate control (CGC): a head mixes its own experts and the shared ones, never those of another head.

        z_t = g_t(x_t) [f_t(x_t), f_s(x_s)]                          for each head t
        z_s = g_s(x_s) [f_s(x_s), f_1(x_1), ..., f_T(x_T)]           not on the last level

    Here x_t and x_s are the inputs of a head's experts f_t and of the shared ones f_s. The gate `g(x) = softmax(x W)`
    gives the weights of the experts in [...]. On the first level all inputs are the same. Source: Tang et al. (RecSys
    2020), doi 10.1145/3383313.3412236.

    An expert is one dense layer with batch norm, an activation, and dropout. So the experts of a group are one dense
    layer of as many units together.

    Args:
        heads: names of the heads.
        shared_experts: number of shared experts, at least 1.
        task_experts: number of experts of each head, at least 1.
        units: width of each expert, at least 1.
        last: whether no level follows, so that nothing reads z_s.
        batch_norm_momentum: share of the old value that the moving statistics keep at each step, in [0, 1).
        dropout: share of the experts' outputs that is dropped in training, in [0, 1).
        output_activation: `relu` or `swish`, of the experts.
        **kwargs: those of `keras.layers.Layer`.
    """

    def __init__(
        self,
        heads: Sequence[str],
        shared_experts: int,
        task_experts: int,
        units: int,
        last: bool,
        batch_norm_momentum: float = 0.9,
        dropout: float = 0.4,
        output_activation: OutputActivation = "relu",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.heads = tuple(heads)
        self.sizes = (shared_experts, *(task_experts for _ in self.heads))
        self.units = units
        self.last = last
        names = ("shared_experts", *(f"experts_{head}" for head in self.heads))
        self.groups = [
            DenseStack((size * units,), batch_norm_momentum, dropout, output_activation, name=name)
            for name, size in zip(names, self.sizes, strict=True)
        ]
        # The shared gate has a kernel for each group: training that starts from another model finds them by name.
        columns = {} if last else {f"shared_gate_{name}": size for name, size in zip(names, self.sizes, strict=True)}
        columns |= {f"gate_{head}": task_experts + shared_experts for head in self.heads}
        self.gates = [keras.layers.Dense(size, use_bias=False, name=name) for name, size in columns.items()]

    @property
    def input_kernels(self) -> tuple[keras.Variable, ...]:
        """The kernels of the experts, then those of the gates, all `[width, ...]`."""
        return (*(group.input_kernel for group in self.groups), *(gate.kernel for gate in self.gates))

    def build(self, input_shape: Sequence[tuple[int | None, ...]]) -> None:
        """Makes the weights.

        Raises:
            ValueError: the inputs are not `[n, width]`.
        """
        for layer in (*self.groups, *self.gates):
            layer.build(input_shape[0])

    def call(self, inputs: Sequence[keras.KerasTensor], training: bool | None = None) -> list[keras.KerasTensor]:
        """Maps the inputs (see `mixtures`) to z of each mixture, float32 `[n, units]`."""
        return [mixture.mixed for mixture in self.mixtures(inputs, training)]

    def mixtures(self, inputs: Sequence[keras.KerasTensor], training: bool | None = None) -> list[Mixture]:
        """The mixture of the shared gate, unless the level is the last, then that of each head.

        Args:
            inputs: float32 `[n, width]` of the shared experts, then of each head; or one for all of them.
            training: whether batch norm uses the batch, and dropout is on.
        """
        if len(inputs) == 1:
            first = products(inputs[0], self.input_kernels)
        else:
            of_shared_gate = () if self.last else (inputs[0],) * len(self.groups)
            by_kernel = (*inputs, *of_shared_gate, *inputs[1:])
            first = [keras.ops.matmul(x, kernel) for x, kernel in zip(by_kernel, self.input_kernels, strict=True)]
        groups = len(self.groups)
        experts, gates = first[:groups], first[groups:]
        if not self.last:
            gates = [keras.ops.concatenate(gates[:groups], axis=1), *gates[groups:]]
        outputs = [
            keras.ops.reshape(group.finish(product, training), (-1, size, self.units))
            for group, product, size in zip(self.groups, experts, self.sizes, strict=True)
        ]
        return [
            Mixture(
                gate=f"{self.name}/{name}",
                head=head,
                experts=tuple(expert for group in mixed for expert in self._experts(group)),
                weights=keras.ops.softmax(logits),
                outputs=keras.ops.concatenate([outputs[group] for group in mixed], axis=1),
            )
            for (name, head, mixed), logits in zip(self._reads(), gates, strict=True)
        ]

    def get_config(self) -> dict[str, object]:
        """The arguments, for saving."""
        group = self.groups[0]
        return {
            **super().get_config(),
            "heads": list(self.heads),
            "shared_experts": self.sizes[0],
            "task_experts": self.sizes[1],
            "units": self.units,
            "last": self.last,
            "batch_norm_momentum": group.batch_norm_momentum,
            "dropout": group.dropout,
            "output_activation": group.output_activation,
        }

    def _reads(self) -> list[tuple[str, str | None, tuple[int, ...]]]:
        """For each gate its name, the head that it mixes for, and the groups that it mixes."""
        of_heads: list[tuple[str, str | None, tuple[int, ...]]] = [
            (f"gate_{head}", head, (group, 0)) for group, head in enumerate(self.heads, 1)
        ]
        return of_heads if self.last else [("shared_gate", None, tuple(range(len(self.sizes)))), *of_heads]

    def _experts(self, group: int) -> list[str]:
        return [f"{self.name}/{self.groups[group].name}_{index}" for index in range(self.sizes[group])]
