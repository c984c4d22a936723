"""Progressive layered extraction: levels of shared experts and of experts that belong to one head."""

from collections.abc import Sequence
from typing import Any

import keras

from models.encoders.mixture import MixtureEncoder
from models.layers.dense_stack import OutputActivation
from models.layers.extraction_level import ExtractionLevel
from models.layers.mixture import Mixture

_OF_LEVELS = ("shared_experts", "task_experts", "batch_norm_momentum", "dropout", "output_activation")
"""Arguments that all levels have."""


@keras.saving.register_keras_serializable("coldcast")
class PleEncoder(MixtureEncoder):
    """Levels of experts, shared ones and some for each head, mixed by gates.

        z_t^l = g_t^l [f_t^l(z_t^{l-1}), f_s^l(z_s^{l-1})],    z_t^0 = z_s^0 = x
        z_s^l = g_s^l [f_s^l(z_s^{l-1}), f_1^l(z_1^{l-1}), ..., f_T^l(z_T^{l-1})]

    Here f_t^l are the experts of head t on level l, f_s^l the shared ones, and the gate g^l = softmax(z^{l-1} W^l)
    gives the weights of the experts in [...]. The last level has no z_s. Source: Tang et al., "Progressive layered
    extraction (PLE): a novel multi-task learning (MTL) model for personalized recommendations" (RecSys 2020),
    doi 10.1145/3383313.3412236. With one level, it is their customized gate control (CGC).

    On the last level, only a head's own loss trains its experts. On the levels below, the losses of other heads reach
    them too, through the shared gate.

    `output_activation="swish"` is the expert normalisation of HoME, as for `MmoeEncoder`.

    Args:
        heads: names of the heads.
        shared_experts: number of shared experts of each level, at least 1.
        task_experts: number of experts of each head on each level, at least 1.
        units: width of the experts of each level, first to last, at least one, each at least 1. An expert is one layer.
        batch_norm_momentum: share of the old value that the moving statistics keep at each step, in [0, 1).
        dropout: share of each expert's outputs that is dropped in training, in [0, 1).
        output_activation: `relu` or `swish`, of each expert.
        **kwargs: those of `Encoder` and `keras.layers.Layer`.

    Example:
        >>> PleEncoder(("click", "stream"), 2, 1, units=(16, 8))(np.zeros((2, 40), np.float32))["click"].shape
        TensorShape([2, 8])
    """

    def __init__(
        self,
        heads: Sequence[str],
        shared_experts: int = 3,
        task_experts: int = 1,
        units: Sequence[int] = (32, 64),
        batch_norm_momentum: float = 0.9,
        dropout: float = 0.4,
        output_activation: OutputActivation = "relu",
        **kwargs: Any,
    ) -> None:
        super().__init__(heads, **kwargs)
        regularisation = (batch_norm_momentum, dropout, output_activation)
        self.levels = [
            ExtractionLevel(
                self.heads,
                shared_experts,
                task_experts,
                width,
                index == len(units),
                *regularisation,
                name=f"level_{index}",
            )
            for index, width in enumerate(units, 1)
        ]

    @property
    def input_kernels(self) -> tuple[keras.Variable, ...]:
        """The kernels of the experts and gates of the first level."""
        return self.levels[0].input_kernels

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Makes the weights.

        Raises:
            ValueError: the input is not `[n, width]`.
        """
        shape = input_shape
        for level in self.levels:
            level.build([shape])
            shape = (shape[0], level.units)

    def mixtures(self, inputs: keras.KerasTensor, training: bool | None = None) -> list[Mixture]:
        """The mixtures of every level, first to last, each level's shared one before those of the heads."""
        mixtures: list[Mixture] = []
        level_inputs = [inputs]
        for level in self.levels:
            of_level = level.mixtures(level_inputs, training)
            mixtures += of_level
            level_inputs = [] if level.last else [mixture.mixed for mixture in of_level]
        return mixtures

    def get_config(self) -> dict[str, object]:
        """The arguments, for saving."""
        of_levels = self.levels[0].get_config()
        return {
            **super().get_config(),
            **{key: of_levels[key] for key in _OF_LEVELS},
            "units": [level.units for level in self.levels],
        }
