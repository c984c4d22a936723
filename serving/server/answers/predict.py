"""Predict: runs one signature of the model."""

from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2

from models.signatures import EXAMPLES
from serving.server.answers.named_model import NamedModel
from serving.server.limits import Limits, too_many_elements
from serving.server.refusal import Code, Refusal, invalid
from serving.wire import tensors
from serving.wire.pieces import LongStringError, TooManyFieldsError, TooManyInputsError, parse_predict


class Predict:
    """Answers Predict."""

    def __init__(self, named: NamedModel, limits: Limits) -> None:
        self._named = named
        self._limits = limits

    def parse(self, serialized: bytes) -> Any:
        """The PredictRequest in `serialized`.

        Raises:
            DecodeError: it holds none.
            Refusal: it has too many inputs, or these have too many values, or too long ones.
        """
        try:
            return parse_predict(predict_pb2.PredictRequest, serialized, self._limits.elements)
        except TooManyFieldsError as error:
            raise too_many_elements(self._limits.elements) from error
        except (TooManyInputsError, LongStringError) as error:
            raise invalid(str(error)) from error

    def __call__(self, request: Any) -> Any:
        """The PredictResponse: one tensor an output.

        Raises:
            Refusal: as TensorFlow Serving refuses.
        """
        model = self._named.of(request)
        name = request.model_spec.signature_name or EXAMPLES
        signature = model.signatures.get(name)
        if signature is None:
            raise Refusal(Code.FAILED_PRECONDITION, f'Serving signature key "{name}" not found.')
        outputs = signature.run(request.inputs, request.output_filter, self._limits)
        response = predict_pb2.PredictResponse()
        self._named.identify(model, response)
        response.model_spec.signature_name = name
        for alias, array in outputs.items():
            _encode(array, response.outputs[alias])
        return response


def _encode(array: np.ndarray, proto: Any) -> None:
    if tensors.encodable(array):
        tensors.encode(array, proto)
    else:  # bfloat16 and the like
        proto.CopyFrom(tf.make_tensor_proto(array))
