"""The SavedModel that is served: the whole path from raw features to probabilities (docs/serving.md).

Written with `keras.export.ExportArchive`: a Keras 3 model saved in any simpler way has variables that a Session, and
so TensorFlow Serving, does not find. Standard ops only; nothing is compiled with XLA or calls back into Python.
"""

from collections.abc import Callable, Mapping, Sequence

import keras
import tensorflow as tf
from tensorflow_transform.output_wrapper import TFTransformOutput

from models.export.warmup import write_warmup_requests
from models.signatures import CANDIDATES, EXAMPLES
from transforms.feature import Feature
from transforms.packed import PackedLayout
from transforms.raw_to_packed import RawToPacked


def export(
    model: keras.Model,
    transform_output: TFTransformOutput,
    layout: PackedLayout,
    features: tuple[Feature, ...],
    heads: Sequence[str],
    path: str,
) -> None:
    """Writes the SavedModel with its two signatures, and warm-up requests for both.

    `serving_default` takes `examples`, string [N] of serialized tf.Examples of raw features. `score_candidates` takes
    one tensor a raw feature, as `RawToPacked.from_request` says. Both give float32 [N], the probability, for each head.

    Args:
        model: from the packed inputs to `{head: logit}`, float32 [N] or [N, 1].
        transform_output: what Transform wrote.
        layout: the packed inputs' columns, of `features`.
        features: the raw features that the model takes.
        heads: the outputs' names.
        path: a folder, not there yet or empty.
    """
    prepared = RawToPacked(transform_output, layout, features)
    probabilities = _probabilities(model, heads)

    def serving_default(examples: tf.Tensor) -> dict[str, tf.Tensor]:
        return probabilities(prepared.from_examples(examples))

    def score_candidates(raw: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return probabilities(prepared.from_request(raw))

    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.track(prepared.layer)
    archive.add_endpoint(EXAMPLES, serving_default, [tf.TensorSpec([None], tf.string, "examples")])
    archive.add_endpoint(CANDIDATES, score_candidates, [{one.name: raw_tensor(one) for one in features}])
    archive.write_out(path, verbose=False)
    write_warmup_requests(features, path)


def raw_tensor(feature: Feature) -> tf.TensorSpec:
    """The input of `score_candidates` for one feature.

    A request's length of 1 is not part of the shape but checked when run: a Session does not check what it is fed, and
    folds what it takes for constant.
    """
    shape = {"categories": [None, None], "vector": [None, feature.length]}.get(feature.kind, [None])
    return tf.TensorSpec(shape, tf.float32 if feature.kind in ("numeric", "vector") else tf.string, feature.name)


def _probabilities(
    model: keras.Model, heads: Sequence[str]
) -> Callable[[Mapping[str, tf.Tensor]], dict[str, tf.Tensor]]:
    def compute(packed: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        logits = model(packed, training=False)
        return {head: tf.sigmoid(tf.reshape(logits[head], [-1])) for head in heads}

    return compute
