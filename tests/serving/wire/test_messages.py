"""The client's messages are TensorFlow Serving's, byte for byte."""

from typing import Any

import pytest
from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2, predict_pb2

from serving.wire.messages import message


@pytest.mark.parametrize(
    "stock",
    [
        predict_pb2.PredictRequest,
        predict_pb2.PredictResponse,
        get_model_status_pb2.GetModelStatusRequest,
        get_model_status_pb2.GetModelStatusResponse,
        get_model_metadata_pb2.GetModelMetadataRequest,
        get_model_metadata_pb2.GetModelMetadataResponse,
        get_model_metadata_pb2.SignatureDefMap,
    ],
)
def test_messages_have_the_stock_descriptors(stock: Any) -> None:
    ours = message(stock.DESCRIPTOR.name).DESCRIPTOR
    assert ours.file.serialized_pb == stock.DESCRIPTOR.file.serialized_pb


def test_a_message_is_read_by_the_stock_class() -> None:
    ours = message("PredictRequest")(output_filter=["click"])
    ours.model_spec.name = "toy"
    ours.inputs["x"].float_val.extend([1.0, 2.0])
    stock = predict_pb2.PredictRequest.FromString(ours.SerializeToString())
    assert (stock.model_spec.name, list(stock.output_filter), list(stock.inputs["x"].float_val)) == (
        "toy",
        ["click"],
        [1.0, 2.0],
    )
    assert message("PredictRequest").FromString(stock.SerializeToString()) == ours


def test_an_unknown_message_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        message("NoSuchRequest")
