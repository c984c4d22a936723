"""Asks a branch's exported SavedModel for stream rates, as TensorFlow Serving would."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from experiments.ab.errors import ExperimentError
from models.calibration import IDENTITY, Calibration
from models.signatures import EXAMPLES

_ROWS_AT_ONCE = 8_192


@dataclass(frozen=True, eq=False)
class Scorer:
    """An exported model.

    Requests go through `serving_default`, which takes rows of many users in one call. `score_candidates` takes one user
    a call. tests/models/export/test_savedmodel.py pins that both give the same probabilities.

    Attributes:
        signature: the signature `serving_default` of the loaded model.
        head: the head for streams on ads.
        taken_back: the calibration to take back; IDENTITY for none.
        model: the loaded model, which must outlive its signature.
    """

    signature: Any
    head: str
    taken_back: Calibration = IDENTITY
    model: Any = None

    def rates(self, examples: NDArray[Any]) -> NDArray[np.float64]:
        """Predicted probabilities of a stream; serialized tf.Examples [n] -> [n]."""
        import tensorflow as tf

        parts = [
            self.signature(examples=tf.constant(examples[start : start + _ROWS_AT_ONCE]))[self.head].numpy()
            for start in range(0, len(examples), _ROWS_AT_ONCE)
        ]
        return uncalibrated(np.concatenate(parts) if parts else np.zeros(0), self.taken_back)


def uncalibrated(rates: NDArray[Any], calibration: Calibration) -> NDArray[np.float64]:
    """The probabilities before p = sigmoid(scale * logit + bias); [n] -> [n]."""
    p = np.clip(rates.astype(np.float64), 1e-9, 1.0 - 1e-9)
    if calibration == IDENTITY:
        return p
    logits = (np.log(p) - np.log1p(-p) - calibration.bias) / calibration.scale
    return np.asarray(1.0 / (1.0 + np.exp(-logits)))


def load_scorer(savedmodel: str, head: str, taken_back: Calibration = IDENTITY) -> Scorer:
    """Loads a SavedModel.

    Raises:
        ExperimentError: its signature does not give the head.
    """
    import tensorflow as tf

    model = tf.saved_model.load(savedmodel)
    signature = model.signatures[EXAMPLES]
    if head not in signature.structured_outputs:
        raise ExperimentError(f"the model in {savedmodel} has no head {head}; train it with this config")
    return Scorer(signature, head, taken_back, model)


def examples_of(features: pa.Table, names: Sequence[str]) -> NDArray[Any]:
    """The rows as serialized tf.Examples of the named raw features."""
    from transforms.examples import to_examples

    return to_examples(features.select(list(names)))
