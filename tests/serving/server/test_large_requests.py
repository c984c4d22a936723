"""A request costs no more than the config allows, whatever size it claims; the server refuses larger ones in words."""

from pathlib import Path

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from serving.client import Client
from serving.config import ServingConfig
from serving.errors import OverloadedError
from serving.server import Server
from serving.server.refusal import of_bytes
from serving.wire import tensors
from tests.serving.conftest import Publish, Stubs
from tests.serving.server.test_api import AD_STREAM, candidates_request, examples_request, refused
from tests.serving.toy_models import example


def many_empty_examples(rows: int) -> predict_pb2.PredictRequest:
    """A request of about 50 bytes: a shape without values, which empty strings fill."""
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "toy"
    request.inputs["examples"].dtype = tf.string.as_datatype_enum
    request.inputs["examples"].tensor_shape.dim.add(size=rows)
    return request


def test_a_shape_without_values_costs_no_memory(stubs: Stubs, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr(tensors, "decode", lambda *arguments: made.append(arguments))
    request = many_empty_examples(1 << 20)
    assert request.ByteSize() < 60
    details = refused(stubs.prediction.Predict, request, grpc.StatusCode.INVALID_ARGUMENT)
    assert details == "Input examples has 1048576 rows; this server takes 10000 in a request (serving.max_rows)"
    assert made == []


def test_as_many_rows_as_the_config_says_are_answered(stubs: Stubs) -> None:
    scores = stubs.prediction.Predict(many_empty_examples(10_000)).outputs["ad_stream"]
    assert tf.make_ndarray(scores).shape == (10_000,)


def test_the_values_of_all_inputs_together_are_bounded(
    config: ServingConfig, model_dir: Path, publish: Publish
) -> None:
    publish(1)
    request = candidates_request()  # age 1, product 1, show_id 2, genres 2 x 2, embedding 2 x 2: 12
    for most, answered in ((12, True), (11, False)):
        bounded = config.model_copy(update={"max_elements": most})
        with Server(bounded, model_dir) as server, grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
            predict = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict
            if answered:
                assert list(predict(request).outputs["ad_stream"].float_val) == AD_STREAM
            else:
                words = (
                    "The inputs have more than the 11 values that this server takes in a request (serving.max_elements)"
                )
                assert refused(predict, request, grpc.StatusCode.INVALID_ARGUMENT) == words


def test_rows_of_no_values_count_as_well(stubs: Stubs) -> None:
    request = candidates_request()
    request.inputs["embedding"].Clear()
    request.inputs["embedding"].dtype = tf.float32.as_datatype_enum
    for size in (10_001, 2):
        request.inputs["embedding"].tensor_shape.dim.add(size=size)
    details = refused(stubs.prediction.Predict, request, grpc.StatusCode.INVALID_ARGUMENT)
    assert details == "Input embedding has 10001 rows; this server takes 10000 in a request (serving.max_rows)"


def test_a_message_longer_than_the_config_says_is_refused(
    config: ServingConfig, model_dir: Path, publish: Publish
) -> None:
    publish(1)
    with (
        Server(config.model_copy(update={"max_message_mib": 1}), model_dir) as server,
        Client(server.config) as client,
    ):
        assert client.score_examples([example(show_id="x" * 1000)])["ad_stream"].shape == (1,)
        with pytest.raises(OverloadedError, match=r"RESOURCE_EXHAUSTED: .*larger than max"):
            client.score_examples([example(show_id="x" * (1 << 20))])


def test_a_compressed_message_is_refused(server: Server) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{server.port}", compression=grpc.Compression.Gzip) as channel:
        predict = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict
        refused(predict, examples_request(*[b""] * 1000), grpc.StatusCode.UNIMPLEMENTED)


def test_a_large_request_is_answered_as_a_small_one(stubs: Stubs) -> None:
    shows = [
        b"s" * (number % 300) for number in range(10_000)
    ]  # 1.5 MB: parsed in pieces, by the large requests' thread
    request = candidates_request(
        show_id=np.array(shows, object),
        genres=np.full((10_000, 2), b"", object),
        embedding=np.zeros((10_000, 2), np.float32),
    )
    scores = list(stubs.prediction.Predict(request).outputs["ad_stream"].float_val)
    assert scores == [1.0 + 1.5 + 10.0 + 100.0 * len(show) for show in shows]


def test_a_string_of_more_than_a_mebibyte_is_refused(stubs: Stubs) -> None:
    details = refused(
        stubs.prediction.Predict, examples_request(b"\xff" * ((1 << 20) + 1)), grpc.StatusCode.INVALID_ARGUMENT
    )
    assert details == "A value of input examples is longer than 1048576 bytes"
    request = examples_request(b"")
    request.inputs["examples"].string_val.pop()
    request.inputs["examples"].tensor_content = b"\xff" * ((1 << 20) + 1)
    details = refused(stubs.prediction.Predict, request, grpc.StatusCode.INVALID_ARGUMENT)
    assert details == "tensor parsing error: examples"


def test_bytes_that_are_no_text_are_cut_before_they_are_decoded() -> None:
    class Message(bytes):
        def decode(self, *_: object, **__: object) -> str:
            raise AssertionError("decoded as a whole, 0.2 s for 1 MB")

    details = of_bytes(Message(b"\xff" * 5_000)).details
    assert details == "\\xff" * 256 + "...TRUNCATED"  # 1,024 bytes of four characters each
