"""Asks a branch's exported SavedModel for stream and click rates, as TensorFlow Serving would."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from experiments.ab.errors import ExperimentError
from models.calibration import IDENTITY, Calibration
from models.signatures import EXAMPLES

_ROWS_AT_ONCE = 8_192

Predictions = Mapping[str, NDArray[np.float64]]
"""Predicted probabilities by label: `stream`, and `click` if the model has a head for it."""


@dataclass(frozen=True, eq=False)
class Scorer:
    """An exported model.

    Requests go through `serving_default`, which takes rows of many users in one call. `score_candidates` takes one user
    a call. tests/models/export/test_savedmodel.py pins that both give the same probabilities.

    Attributes:
        signature: the signature `serving_default` of the loaded model.
        heads: by label, the head for this label on ads.
        taken_back: by label, the calibration to take back; none for the others.
        added: by label, a calibration on top; none for the others.
        model: the loaded model, which must outlive its signature.
    """

    signature: Any
    heads: Mapping[str, str]
    taken_back: Mapping[str, Calibration] = field(default_factory=dict)
    added: Mapping[str, Calibration] = field(default_factory=dict)
    model: Any = None

    def predictions(self, examples: NDArray[Any]) -> Predictions:
        """Predicted probabilities of each label; serialized tf.Examples [n] -> [n] each."""
        import tensorflow as tf

        parts: dict[str, list[NDArray[Any]]] = {label: [np.zeros(0)] for label in self.heads}
        for start in range(0, len(examples), _ROWS_AT_ONCE):
            outputs = self.signature(examples=tf.constant(examples[start : start + _ROWS_AT_ONCE]))
            for label, head in self.heads.items():
                parts[label].append(outputs[head].numpy())
        plain = {
            label: uncalibrated(np.concatenate(rates), self.taken_back.get(label, IDENTITY))
            for label, rates in parts.items()
        }
        return {label: calibrated(rates, self.added.get(label, IDENTITY)) for label, rates in plain.items()}


def uncalibrated(rates: NDArray[Any], calibration: Calibration) -> NDArray[np.float64]:
    """The probabilities before p = sigmoid(scale * logit + bias); [n] -> [n]."""
    if calibration == IDENTITY:
        return _inside(rates)
    return _probabilities((logits_of(rates) - calibration.bias) / calibration.scale)


def calibrated(rates: NDArray[np.float64], calibration: Calibration) -> NDArray[np.float64]:
    """P = sigmoid(scale * logit + bias); [n] -> [n]."""
    if calibration == IDENTITY:
        return rates
    return _probabilities(calibration.scale * logits_of(rates) + calibration.bias)


def logits_of(rates: NDArray[Any]) -> NDArray[np.float64]:
    """The logits of probabilities; [n] -> [n], all finite."""
    p = _inside(rates)
    return np.asarray(np.log(p) - np.log1p(-p))


def _inside(rates: NDArray[Any]) -> NDArray[np.float64]:
    return np.clip(rates.astype(np.float64), 1e-9, 1.0 - 1e-9)


def _probabilities(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1.0 / (1.0 + np.exp(-logits)))


def load_scorer(
    savedmodel: str,
    heads: Mapping[str, str],
    taken_back: Mapping[str, Calibration],
    added: Mapping[str, Calibration],
) -> Scorer:
    """Loads a SavedModel; arguments as in `Scorer`.

    Raises:
        ExperimentError: its signature does not give one of the heads.
    """
    import tensorflow as tf

    model = tf.saved_model.load(savedmodel)
    signature = model.signatures[EXAMPLES]
    for head in heads.values():
        if head not in signature.structured_outputs:
            raise ExperimentError(f"the model in {savedmodel} has no head {head}; train it with this config")
    return Scorer(signature, heads, taken_back, added, model)


def examples_of(features: pa.Table, names: Sequence[str]) -> NDArray[Any]:
    """The rows as serialized tf.Examples of the named raw features."""
    from transforms.examples import to_examples

    return to_examples(features.select(list(names)))
