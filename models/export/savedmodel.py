"""The SavedModel that is served: the whole path from raw features to probabilities (docs/serving.md).

It is written with `keras.export.ExportArchive`. A Keras 3 model saved in a simpler way has variables that a Session,
and so TensorFlow Serving, does not find. The graph has standard ops only: no XLA, no calls into Python.
"""

from collections.abc import Callable, Mapping

import keras
import tensorflow as tf
from tensorflow_transform.output_wrapper import TFTransformOutput

from models.calibration import Calibration
from models.export.features import write_features
from models.export.warmup import write_warmup_requests
from models.signatures import CANDIDATES, EXAMPLES
from transforms.feature import Feature
from transforms.known_ids import Known
from transforms.packed import PackedLayout
from transforms.raw_to_packed import RawToPacked


def export(
    model: keras.Model,
    transform_output: TFTransformOutput,
    layout: PackedLayout,
    features: tuple[Feature, ...],
    calibrations: Mapping[str, Calibration],
    path: str,
    known: Known | None = None,
) -> None:
    """Writes the SavedModel with its two signatures, warm-up requests for both, and the list of its raw features.

    `serving_default` takes `examples`, string [N] of serialized tf.Examples of raw features. `score_candidates` takes
    a tensor for each raw feature (`RawToPacked.from_request`). Both give float32 [N], the probability, for each head.

    Args:
        model: from the packed inputs to `{head: logit}`, float32 [N] or [N, 1].
        transform_output: the output of Transform.
        layout: the packed inputs' columns, of `features`.
        features: the raw features that the model takes.
        calibrations: the calibration of each head; the heads are the outputs' names.
        path: a folder that does not exist yet or is empty.
        known: the hashed ids that the model may take; None for all.
    """
    prepared = RawToPacked(transform_output, layout, features, known)
    probabilities = _probabilities(model, calibrations)

    def serving_default(examples: tf.Tensor) -> dict[str, tf.Tensor]:
        return probabilities(prepared.from_examples(examples))

    def score_candidates(raw: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return probabilities(prepared.from_request(raw))

    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.track(prepared.layer)
    if prepared.known is not None:
        archive.track(prepared.known.table)
    archive.add_endpoint(EXAMPLES, serving_default, [tf.TensorSpec([None], tf.string, "examples")])
    archive.add_endpoint(CANDIDATES, score_candidates, [{feature.name: raw_tensor(feature) for feature in features}])
    archive.write_out(path, verbose=False)
    write_features(features, path)
    write_warmup_requests(features, path)


def raw_tensor(feature: Feature) -> tf.TensorSpec:
    """The input of `score_candidates` for one feature.

    Any number of rows fits, though a request has one user. The graph checks that when it runs: a Session does not check
    shapes of inputs, and treats whatever the shape implies as constant.
    """
    kind = feature.storage
    return tf.TensorSpec(kind.served_shape(feature.length), tf.as_dtype(kind.dtype), feature.name)


def calibrated(logits: tf.Tensor, calibration: Calibration) -> tf.Tensor:
    """The probabilities of float32 logits, of the same shape and type."""
    return tf.sigmoid(calibration.scale * logits + calibration.bias)


def _probabilities(
    model: keras.Model, calibrations: Mapping[str, Calibration]
) -> Callable[[Mapping[str, tf.Tensor]], dict[str, tf.Tensor]]:
    def compute(packed: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        logits = model(packed, training=False)
        return {
            head: calibrated(tf.reshape(logits[head], [-1]), calibration) for head, calibration in calibrations.items()
        }

    return compute
