"""The embedded server answers with TensorFlow Serving's codes and texts, asked through the stock stubs."""

import re
from collections.abc import Callable

import grpc
import numpy as np
import pytest
import tensorflow as tf
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tensorflow.core.framework import tensor_pb2
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_management_pb2,
    predict_pb2,
    regression_pb2,
)

from serving.server.health import HEALTH_SERVICES
from tests.serving.conftest import Stubs
from tests.serving.toy_models import HEADS, example, expected

CANDIDATES = {
    "age": np.array([1.5], np.float32),
    "product": np.array([b"premium"], object),
    "show_id": np.array([b"abc", b""], object),
    "genres": np.array([[b"a", b"b"], [b"a", b""]], object),
    "embedding": np.array([[1.0, 2.0], [np.nan, 4.0]], np.float32),
}
AD_STREAM = [
    expected(1.0, age=1.5, known=1, length=3, vector=3.0, kinds=2),
    expected(1.0, age=1.5, known=1, length=0, vector=4.0, kinds=1),
]


def candidates_request(**changed: object) -> predict_pb2.PredictRequest:
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "toy"
    request.model_spec.signature_name = "score_candidates"
    for name, array in {**CANDIDATES, **changed}.items():
        if array is not None:
            request.inputs[name].CopyFrom(tf.make_tensor_proto(array))
    return request


def examples_request(*examples: bytes) -> predict_pb2.PredictRequest:
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "toy"
    request.inputs["examples"].CopyFrom(tf.make_tensor_proto(list(examples), tf.string))
    return request


def refused(call: Callable, request: object, code: grpc.StatusCode) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        call(request, timeout=30)
    assert caught.value.code() == code, caught.value.details()
    return caught.value.details()


def test_both_signatures_answer_with_one_float_tensor_a_task(stubs: Stubs) -> None:
    response = stubs.prediction.Predict(candidates_request())
    assert sorted(response.outputs) == sorted(HEADS)
    assert list(response.outputs["ad_stream"].float_val) == AD_STREAM
    assert list(response.outputs["click"].float_val) == [score / 2 for score in AD_STREAM]
    spec = response.model_spec
    assert (spec.name, spec.version.value, spec.signature_name) == ("toy", 1, "score_candidates")

    row = example(age=1.5, product="premium", show_id="abc", genres=["a", "b"], embedding=[1.0, 2.0])
    response = stubs.prediction.Predict(examples_request(row, example()))
    empty = expected(1.0, age=0.0, known=-1, length=0, vector=0.0, kinds=0)
    np.testing.assert_array_equal(tf.make_ndarray(response.outputs["ad_stream"]), [AD_STREAM[0], empty])
    assert response.model_spec.signature_name == "serving_default"  # what an empty name means


def test_inputs_as_values_and_as_content_give_the_same_scores(stubs: Stubs) -> None:
    request = candidates_request()
    request.inputs["age"].Clear()
    request.inputs["age"].dtype = tf.float32.as_datatype_enum
    request.inputs["age"].tensor_shape.dim.add(size=1)
    request.inputs["age"].float_val.append(1.5)
    assert candidates_request().inputs["embedding"].tensor_content
    assert list(stubs.prediction.Predict(request).outputs["ad_stream"].float_val) == AD_STREAM


def test_the_last_of_too_few_values_fills_the_shape(stubs: Stubs) -> None:
    request = candidates_request()
    shows = request.inputs["show_id"]
    del shows.string_val[1:]
    scores = stubs.prediction.Predict(request).outputs["ad_stream"].float_val
    assert list(scores) == [AD_STREAM[0], AD_STREAM[1] + 300.0]


def test_output_filter_is_honoured(stubs: Stubs) -> None:
    request = candidates_request()
    request.output_filter.append("click")
    assert list(stubs.prediction.Predict(request).outputs) == ["click"]
    request.output_filter.append("click")
    assert "duplicate output" in refused(stubs.prediction.Predict, request, grpc.StatusCode.INVALID_ARGUMENT)
    request.output_filter[:] = ["nothing"]
    details = refused(stubs.prediction.Predict, request, grpc.StatusCode.INVALID_ARGUMENT)
    assert details == (
        "output tensor alias not found in signature: nothing Outputs expected to be in the set {ad_stream,click}."
    )


def test_unknown_model_or_version_is_not_found(stubs: Stubs) -> None:
    request = candidates_request()
    request.model_spec.name = "other"
    details = refused(stubs.prediction.Predict, request, grpc.StatusCode.NOT_FOUND)
    assert details == "Servable not found for request: Latest(other)"
    request = candidates_request()
    request.model_spec.version.value = 7
    details = refused(stubs.prediction.Predict, request, grpc.StatusCode.NOT_FOUND)
    assert details == "Servable not found for request: Specific(toy, 7)"
    request.model_spec.version.value = 1
    assert stubs.prediction.Predict(request).model_spec.version.value == 1


def test_a_version_label_is_unrecognized(stubs: Stubs) -> None:
    request = candidates_request()
    request.model_spec.version_label = "stable"
    details = refused(stubs.prediction.Predict, request, grpc.StatusCode.INVALID_ARGUMENT)
    assert details == "Unrecognized servable version label: stable"


def test_a_missing_model_spec_or_name_is_invalid(stubs: Stubs) -> None:
    request = candidates_request()
    request.model_spec.name = ""
    details = refused(stubs.prediction.Predict, request, grpc.StatusCode.INVALID_ARGUMENT)
    assert details == "ModelSpec has no name specified."
    request.ClearField("model_spec")
    assert refused(stubs.prediction.Predict, request, grpc.StatusCode.INVALID_ARGUMENT) == "Missing ModelSpec"
    metadata = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    refused(stubs.prediction.GetModelMetadata, metadata, grpc.StatusCode.INVALID_ARGUMENT)
    status = get_model_status_pb2.GetModelStatusRequest()
    refused(stubs.model.GetModelStatus, status, grpc.StatusCode.INVALID_ARGUMENT)


def test_an_unknown_signature_is_a_failed_precondition(stubs: Stubs) -> None:
    request = candidates_request()
    request.model_spec.signature_name = "other"
    details = refused(stubs.prediction.Predict, request, grpc.StatusCode.FAILED_PRECONDITION)
    assert details == 'Serving signature key "other" not found.'


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"age": None}, "input size does not match signature: 4!=5 .*Missing but required: {age}"),
        ({"extra": np.zeros(1, np.float32)}, "6!=5 .*Sent extra: {extra}"),
        ({"age": None, "extra": np.zeros(1, np.float32)}, "Sent extra: {extra}. Missing but required: {age}"),
        ({"age": np.array([b"old"], object)}, r"Expects arg\[0\] to be float but string is provided"),
        ({"age": np.array([1.5], np.float64)}, r"Expects arg\[0\] to be float but double is provided"),
        ({"show_id": np.array([1.0, 2.0], np.float32)}, "to be string but float is provided"),
        ({"age": tensor_pb2.TensorProto()}, r"Expects arg\[0\] to be float but invalid is provided"),
        ({"age": tensor_pb2.TensorProto(dtype=999)}, r"Expects arg\[0\] to be float but 999 is provided"),
        ({"age": np.array([[1.5]], np.float32)}, r"age has shape \[1,1\] but \[1\] is expected"),
        ({"embedding": np.zeros((2, 3), np.float32)}, r"embedding has shape \[2,3\] but \[-1,2\]"),
        ({"show_id": np.array([b"a", b"b", b"c"], object)}, ""),  # the graph's own words
    ],
)
def test_wrong_inputs_are_invalid_arguments(stubs: Stubs, changed: dict, words: str) -> None:
    details = refused(stubs.prediction.Predict, candidates_request(**changed), grpc.StatusCode.INVALID_ARGUMENT)
    assert re.search(words, details)


def test_inputs_that_cannot_be_parsed_are_invalid_arguments(stubs: Stubs) -> None:
    request = candidates_request()
    request.inputs["embedding"].tensor_content = b"123"
    details = refused(stubs.prediction.Predict, request, grpc.StatusCode.INVALID_ARGUMENT)
    assert details == "tensor parsing error: embedding"
    request = candidates_request()
    request.inputs["show_id"].tensor_shape.dim[0].size = 3
    request.inputs["show_id"].string_val[:] = [b"x" * (1 << 20)]  # two repetitions would be 2 MiB that were not sent
    details = refused(stubs.prediction.Predict, request, grpc.StatusCode.INVALID_ARGUMENT)
    assert details == "tensor parsing error: show_id"
    request.inputs["show_id"].tensor_content = b"x"  # TensorFlow's own form of strings, and too short for three
    assert refused(stubs.prediction.Predict, request, grpc.StatusCode.INVALID_ARGUMENT) == details
    request.inputs["show_id"].tensor_shape.dim[0].size = 10**13
    request.inputs["show_id"].tensor_shape.dim.add(size=10**13)
    details = refused(stubs.prediction.Predict, request, grpc.StatusCode.INVALID_ARGUMENT)
    assert details == "Input show_id has shape [10000000000000,10000000000000] but [-1] is expected, -1 any size"
    details = refused(stubs.prediction.Predict, examples_request(b"no example"), grpc.StatusCode.INVALID_ARGUMENT)
    assert "Could not parse example" in details


@pytest.mark.parametrize(
    ("example_", "words"),
    [
        (b"\xff\xff\xff", r"Could not parse example input, value: '\\xff\\xff\\xff'"),
        (b"\xff" * 100_000, r"\.\.\.TRUNCATED$"),
        (b"no example" * 10_000, r"\.\.\.TRUNCATED$"),
    ],
    ids=["no text", "long and no text", "long"],
)
def test_examples_that_are_no_text_or_long_are_invalid_arguments(stubs: Stubs, example_: bytes, words: str) -> None:
    details = refused(stubs.prediction.Predict, examples_request(example_), grpc.StatusCode.INVALID_ARGUMENT)
    assert details.startswith("Could not parse example input")
    assert re.search(words, details)


def test_a_long_status_is_cut_to_what_a_header_holds(stubs: Stubs) -> None:
    request = candidates_request()
    request.model_spec.name = "\u00e4" * 20_000
    details = refused(stubs.prediction.Predict, request, grpc.StatusCode.NOT_FOUND)
    # 1,024 bytes: 41 of ASCII, then 491 letters of two bytes; half of the 492nd is left out
    assert details == "Servable not found for request: Latest(\u00e4" + "\u00e4" * 491 + "...TRUNCATED"
    request = candidates_request(**{f"{number:05}": np.zeros(1, np.float32) for number in range(4_000)})
    details = refused(stubs.prediction.Predict, request, grpc.StatusCode.INVALID_ARGUMENT)
    assert len(details) == 1024 + len("...TRUNCATED")


def test_metadata_holds_the_signatures_and_nothing_else(stubs: Stubs) -> None:
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = "toy"
    response = stubs.prediction.GetModelMetadata(request)
    assert (response.model_spec.name, response.model_spec.version.value) == ("toy", 1)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert response.metadata["signature_def"].Unpack(signatures)
    assert sorted(signatures.signature_def["score_candidates"].inputs) == sorted(CANDIDATES)
    request.metadata_field[:] = ["weights"]
    details = refused(stubs.prediction.GetModelMetadata, request, grpc.StatusCode.INVALID_ARGUMENT)
    assert details == "Metadata field weights is not supported"
    request.metadata_field[:] = []
    refused(stubs.prediction.GetModelMetadata, request, grpc.StatusCode.INVALID_ARGUMENT)


def test_status_holds_the_state_of_each_version(stubs: Stubs) -> None:
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "toy"
    (status,) = stubs.model.GetModelStatus(request).model_version_status
    assert (status.version, status.state, status.status.error_code) == (1, 30, 0)
    request.model_spec.version.value = 2
    details = refused(stubs.model.GetModelStatus, request, grpc.StatusCode.NOT_FOUND)
    assert details == "Could not find version 2 of model toy"
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "other"
    details = refused(stubs.model.GetModelStatus, request, grpc.StatusCode.NOT_FOUND)
    assert details == "Could not find any versions of model other"


def test_the_rest_of_the_api_is_unimplemented(stubs: Stubs) -> None:
    for call, request in (
        (stubs.prediction.Classify, classification_pb2.ClassificationRequest()),
        (stubs.prediction.Regress, regression_pb2.RegressionRequest()),
        (stubs.prediction.MultiInference, inference_pb2.MultiInferenceRequest()),
        (stubs.model.HandleReloadConfigRequest, model_management_pb2.ReloadConfigRequest()),
    ):
        assert "use Predict" in refused(call, request, grpc.StatusCode.UNIMPLEMENTED)


def test_health_is_serving_while_a_model_is(stubs: Stubs) -> None:
    health = health_pb2_grpc.HealthStub(stubs.channel)
    for service in HEALTH_SERVICES:
        response = health.Check(health_pb2.HealthCheckRequest(service=service))
        assert response.status == health_pb2.HealthCheckResponse.SERVING
    refused(health.Check, health_pb2.HealthCheckRequest(service="other"), grpc.StatusCode.NOT_FOUND)
