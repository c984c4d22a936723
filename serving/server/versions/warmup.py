"""The warm-up requests that a SavedModel brings along, in the format of TensorFlow Serving."""

from collections.abc import Iterator
from typing import Any

import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow_serving.apis import prediction_log_pb2

from models.signatures import EXAMPLES, WARMUP_FILE
from serving.errors import ServingError

MAX_RECORDS = 1_000


def requests(path: str) -> Iterator[Any]:
    """The PredictRequests of the SavedModel in `path`, with the signature's name filled in; none if it has no file.

    Raises:
        ServingError: the file is damaged, or holds more than 1,000, which TensorFlow Serving refuses.
    """
    file = f"{path}/{WARMUP_FILE}"
    if not tf.io.gfile.exists(file):
        return
    try:
        for number, record in enumerate(tf.data.TFRecordDataset(file).as_numpy_iterator()):
            if number == MAX_RECORDS:
                raise ServingError(f"{file} holds more than {MAX_RECORDS} warm-up requests; write fewer.")
            request = prediction_log_pb2.PredictionLog.FromString(record).predict_log.request
            request.model_spec.signature_name = request.model_spec.signature_name or EXAMPLES
            yield request
    except (tf.errors.OpError, DecodeError) as error:
        raise ServingError(f"{file} cannot be read as warm-up requests; export the model again.") from error
