"""A request that is parsed in pieces is the request that protobuf parses as a whole."""

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorflow_serving.apis import predict_pb2

from serving.wire.pieces import PIECE_BYTES, TooManyFieldsError, parse_predict, parse_short

REQUEST = predict_pb2.PredictRequest
MANY = 10**6


def request_of(texts: list[bytes], numbers: list[float], content: bytes = b"") -> predict_pb2.PredictRequest:
    request = REQUEST(output_filter=["click"])
    request.model_spec.name = "toy"
    request.model_spec.version.value = 300
    request.inputs["texts"].dtype = tf.string.as_datatype_enum
    request.inputs["texts"].tensor_shape.dim.add(size=len(texts))
    request.inputs["texts"].string_val.extend(texts)
    request.inputs["numbers"].float_val.extend(numbers)
    request.inputs["content"].tensor_content = content
    return request


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.binary(max_size=300), min_size=1, max_size=20),
    st.integers(1, 2000),
    st.lists(st.floats(width=32, allow_nan=False), max_size=5),
)
def test_any_request_is_parsed_as_protobuf_parses_it(texts: list[bytes], times: int, numbers: list[float]) -> None:
    request = request_of(texts * times, numbers * times, b"c" * 70_000)
    assert parse_predict(REQUEST, request.SerializeToString(), MANY) == request


def test_the_last_of_two_inputs_of_one_name_counts() -> None:
    long, short = request_of([b"long"] * 50_000, []), REQUEST()
    short.inputs["texts"].string_val.append(b"short")
    data = long.SerializeToString() + short.SerializeToString()
    assert list(REQUEST.FromString(data).inputs["texts"].string_val) == [b"short"]
    assert list(parse_predict(REQUEST, data, MANY).inputs["texts"].string_val) == [b"short"]


def test_too_many_values_are_refused_before_they_are_parsed() -> None:
    data = request_of([b""] * 50_000, []).SerializeToString()
    assert len(data) > PIECE_BYTES
    # the type, the shape, and the values
    assert len(parse_predict(REQUEST, data, 50_002).inputs["texts"].string_val) == 50_000
    with pytest.raises(TooManyFieldsError):
        parse_predict(REQUEST, data, 50_001)
    packed = REQUEST()
    packed.inputs["x"].int64_val.extend([1] * 100_000)  # one byte each
    with pytest.raises(TooManyFieldsError):
        parse_predict(REQUEST, packed.SerializeToString(), 99_999)


def test_values_that_are_messages_are_left_out_of_a_long_tensor() -> None:
    request = request_of([b"text"] * 20_000, [])
    for _ in range(10):
        request.inputs["texts"].resource_handle_val.add()
    parsed = parse_predict(REQUEST, request.SerializeToString(), MANY)
    assert len(parsed.inputs["texts"].resource_handle_val) == 0
    assert len(parsed.inputs["texts"].string_val) == 20_000


@pytest.mark.parametrize(
    "data",
    [
        b"\x12\xff\xff\xff\x7f" + b"x" * PIECE_BYTES,  # an input longer than the message
        b"\x13" + b"x" * PIECE_BYTES,  # a group
        b"\x80" * (PIECE_BYTES + 1),  # a number without an end
        request_of([b"long"] * 50_000, []).SerializeToString()[:-1],
        REQUEST(output_filter=["click"] * PIECE_BYTES).SerializeToString(),  # long without its inputs
    ],
    ids=["cut short", "group", "number", "last byte", "no inputs"],
)
def test_what_is_no_request_is_a_decode_error(data: bytes) -> None:
    with pytest.raises(DecodeError):
        parse_predict(REQUEST, data, MANY)


def test_a_shape_with_very_many_dimensions_is_a_decode_error() -> None:
    request = REQUEST()
    for _ in range(40_000):
        request.inputs["x"].tensor_shape.dim.add()
    with pytest.raises(DecodeError, match="too many dimensions"):
        parse_predict(REQUEST, request.SerializeToString(), MANY)


def test_a_message_that_has_to_be_short_is() -> None:
    request = REQUEST(output_filter=["click"])
    assert parse_short(REQUEST, request.SerializeToString()) == request
    with pytest.raises(DecodeError, match="more than 65536 bytes"):
        parse_short(REQUEST, b"\x1a\x00" * PIECE_BYTES)


def test_a_long_array_is_decoded_in_slices() -> None:
    from serving.wire import tensors

    proto = tf.make_tensor_proto([]).__class__(dtype=tf.string.as_datatype_enum)
    values = [str(number).encode() for number in range(40_000)]
    proto.string_val.extend(values)
    proto.tensor_shape.dim.add(size=20_000)
    proto.tensor_shape.dim.add(size=2)
    np.testing.assert_array_equal(tensors.decode(proto), np.array(values, object).reshape(20_000, 2))
