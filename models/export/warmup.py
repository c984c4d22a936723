"""Warm-up requests that TensorFlow Serving replays before a version becomes available."""

from collections.abc import Iterator

import tensorflow as tf
from tensorflow.core.framework import tensor_pb2
from tensorflow_serving.apis import predict_pb2, prediction_log_pb2

from models.signatures import CANDIDATES, EXAMPLES, WARMUP_FILE
from transforms.feature import Feature

WARMUP_ROWS = (1, 100)
"""Numbers of rows to warm up with; the first run of a graph of each signature is the slow one."""


def write_warmup_requests(features: tuple[Feature, ...], savedmodel: str) -> None:
    """Adds requests with all features missing, for both signatures, to the SavedModel in the folder `savedmodel`."""
    file = f"{savedmodel}/{WARMUP_FILE}"
    tf.io.gfile.makedirs(file.rpartition("/")[0])
    with tf.io.TFRecordWriter(file) as writer:
        for request in _requests(features):
            log = prediction_log_pb2.PredictionLog(predict_log=prediction_log_pb2.PredictLog(request=request))
            writer.write(log.SerializeToString())


def _requests(features: tuple[Feature, ...]) -> Iterator[predict_pb2.PredictRequest]:
    for rows in WARMUP_ROWS:
        request = predict_pb2.PredictRequest()
        request.model_spec.signature_name = EXAMPLES
        request.inputs["examples"].CopyFrom(tf.make_tensor_proto([b""] * rows, tf.string))
        yield request
        request = predict_pb2.PredictRequest()
        request.model_spec.signature_name = CANDIDATES
        for feature in features:
            request.inputs[feature.name].CopyFrom(_missing(feature, 1 if feature.per == "request" else rows))
        yield request


def _missing(feature: Feature, rows: int) -> tensor_pb2.TensorProto:
    kind = feature.storage
    values = tf.fill(kind.shape(rows, feature.length), kind.missing)
    return tf.make_tensor_proto(values.numpy(), tf.as_dtype(kind.dtype))
