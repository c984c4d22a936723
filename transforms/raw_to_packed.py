"""From raw features to a model's inputs: the one path that training, evaluation, and serving share."""

from collections.abc import Mapping

import tensorflow as tf
from tensorflow_transform.output_wrapper import TFTransformOutput

from transforms.example_schema import raw_feature_spec
from transforms.feature import Feature
from transforms.known_ids import Known, KnownIds
from transforms.learned import read_table
from transforms.packed import PackedLayout


class RawToPacked:
    """The Transform graph with a layout behind it.

    Attributes:
        layer: the Transform graph; an exported function that calls this must track it.
        layout: the columns that the model takes.
        features: the raw features that it reads; all other features of the Transform graph count as missing.
        known: hides hashed ids that the model does not know; None if it may take all. An exported function must track
            its table, too.
    """

    def __init__(
        self,
        transform_output: TFTransformOutput,
        layout: PackedLayout,
        features: tuple[Feature, ...],
        known: Known | None = None,
    ) -> None:
        """Loads the Transform graph.

        Args:
            transform_output: the output of Transform.
            layout: `transforms.packed.packed_layout` of `features`.
            features: the features that the model takes.
            known: the hashed ids that the model may take; None for all.
        """
        self.known = None if known is None else KnownIds(known)
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
            raw: by feature a dense tensor of its kind's `dtype` and `served_shape`, with the kind's `missing` for
                missing values and as padding; `request` features have 1 row, `candidate` features N rows.

        Raises:
            InvalidArgumentError: when run, for lengths and ranks that do not fit.
        """
        lengths = {"request": tf.constant(1), "candidate": tf.constant(1)}
        values = {}
        for feature in self.features:
            kind, value = feature.storage, raw[feature.name]
            if kind.several:
                value = tf.ensure_shape(value, kind.served_shape(feature.length))
            if kind.several == "ragged":
                value = tf.RaggedTensor.from_tensor(value, row_splits_dtype=tf.int64)
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
        if self.known is not None:
            raw = self.known.hide_others(self.features, raw)
        transformed = self.layer({**raw, **others})
        for name in ("request_ids", "request_floats"):
            if name in transformed:
                transformed[name] = tf.ensure_shape(transformed[name], [request_rows, None])
        return self.layout.pack(transformed)


def _missing(feature: Feature, rows: tf.Tensor) -> tf.Tensor | tf.RaggedTensor:
    kind = feature.storage
    if kind.several == "ragged":
        return tf.RaggedTensor.from_row_splits(tf.constant([], kind.dtype), tf.zeros([rows + 1], tf.int64))
    return tf.fill(kind.shape(rows, feature.length), kind.missing)
