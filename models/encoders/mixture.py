"""The interface of encoders that mix experts."""

from abc import abstractmethod

import keras

from models.encoders.encoder import Encoder
from models.layers.mixture import Mixture


class MixtureEncoder(Encoder):
    """An encoder whose representations are mixtures of experts.

    Its mixtures are public, so that training can report experts that it never uses (`models/training/expert_use.py`).
    """

    @abstractmethod
    def mixtures(self, inputs: keras.KerasTensor, training: bool | None = None) -> list[Mixture]:
        """The mixture of every gate for float32 `[n, width]`; the last ones are those of the heads, in their order."""

    def call(self, inputs: keras.KerasTensor, training: bool | None = None) -> dict[str, keras.KerasTensor]:
        """Maps float32 `[n, width]` to float32 `[n, units]` for each head."""
        last = self.mixtures(inputs, training)[-len(self.heads) :]
        return {head: mixture.mixed for head, mixture in zip(self.heads, last, strict=True)}
