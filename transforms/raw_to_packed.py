"""From raw features to a model's inputs: the one path that training, evaluation and serving share."""

from collections.abc import Mapping

import tensorflow as tf
from tensorflow_transform.output_wrapper import TFTransformOutput

from transforms.blocks import FLOAT_KINDS
from transforms.example_schema import raw_feature_spec
from transforms.feature import Feature
from transforms.learned import read_table
from transforms.packed import PackedLayout


class RawToPacked:
    """The Transform graph with a layout behind it.

    Attributes:
        layer: the Transform graph; whoever exports a function that calls this has to track it.
        layout: the columns that the model takes.
        features: the raw features that are read; those that Transform knows beside them count as missing.
    """

    def __init__(
        self, transform_output: TFTransformOutput, layout: PackedLayout, features: tuple[Feature, ...]
    ) -> None:
        """Loads the Transform graph.

        Args:
            transform_output: what Transform wrote.
            layout: `transforms.packed.packed_layout` of `features`.
            features: what the model takes.
        """
        self.layer = transform_output.transform_features_layer()
        self.layout = layout
        self.features = features
        names = {feature.name for feature in features}
        table = read_table(transform_output.transform_savedmodel_dir)
        self._others = tuple(feature for feature in table if feature.name not in names)

    def from_examples(self, serialized: tf.Tensor) -> dict[str, tf.Tensor]:
        """The model's inputs from serialized tf.Examples string [n], labels not needed; see `PackedLayout.pack`."""
        raw = tf.io.parse_example(serialized, raw_feature_spec(self.features))
        rows = tf.size(serialized)
        return self._pack(raw, {"request": rows, "candidate": rows})

    def from_request(self, raw: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """The model's inputs for one user and N candidates.

        Args:
            raw: by feature, `request` features of length 1, `candidate` features of length N: `category`, `hashed`
                string [N], "" if missing; `categories` string [N, any], padded with ""; `numeric` float32 [N] and
                `vector` float32 [N, length], NaN if missing.

        Raises:
            InvalidArgumentError: when run, for lengths and ranks that do not fit.
        """
        lengths = {"request": tf.constant(1), "candidate": tf.constant(1)}
        values = {}
        for feature in self.features:
            value = raw[feature.name]
            if feature.kind == "categories":
                value = tf.RaggedTensor.from_tensor(tf.ensure_shape(value, [None, None]), row_splits_dtype=tf.int64)
            elif feature.kind == "vector":
                value = tf.ensure_shape(value, [None, feature.length])
            if feature.per == "candidate":
                lengths["candidate"] = tf.shape(raw[feature.name])[0]
            values[feature.name] = value
        return self._pack(values, lengths, request_rows=1)

    def _pack(
        self,
        raw: Mapping[str, tf.Tensor | tf.RaggedTensor],
        lengths: Mapping[str, tf.Tensor],
        *,
        request_rows: int | None = None,
    ) -> dict[str, tf.Tensor]:
        others = {feature.name: _missing(feature, lengths[feature.per]) for feature in self._others}
        transformed = self.layer({**raw, **others})
        for name in ("request_ids", "request_floats"):
            if name in transformed:
                transformed[name] = tf.ensure_shape(transformed[name], [request_rows, None])
        return self.layout.pack(transformed)


def _missing(feature: Feature, rows: tf.Tensor) -> tf.Tensor | tf.RaggedTensor:
    if feature.kind == "categories":
        return tf.RaggedTensor.from_row_splits(tf.constant([], tf.string), tf.zeros([rows + 1], tf.int64))
    if feature.kind in FLOAT_KINDS:
        return tf.fill([rows, feature.length] if feature.kind == "vector" else [rows], float("nan"))
    return tf.fill([rows], "")
