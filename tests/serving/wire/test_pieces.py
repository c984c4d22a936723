"""A request that is parsed in pieces is the request that protobuf parses as a whole."""

from collections.abc import Iterator

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorflow_serving.apis import predict_pb2

from serving.wire import pieces
from serving.wire.pieces import (
    MOST_INPUTS,
    PIECE_BYTES,
    TooManyFieldsError,
    TooManyInputsError,
    parse_predict,
    parse_short,
)

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


def test_the_values_of_short_inputs_count_as_well() -> None:
    request = REQUEST()
    for number in range(20):
        request.inputs[f"x{number}"].string_val.extend([b""] * 10_000)  # 20 kB each
    data = request.SerializeToString()
    assert parse_predict(REQUEST, data, 200_000) == request
    with pytest.raises(TooManyFieldsError):
        parse_predict(REQUEST, data, 199_999)


@pytest.mark.parametrize("texts", [20_000, 1], ids=["long", "short"])
def test_values_that_are_messages_are_a_decode_error_in_a_long_request(texts: int) -> None:
    request = request_of([b"text"] * 20_000, [])
    request.inputs["other"].string_val.extend([b"text"] * texts)
    request.inputs["other"].resource_handle_val.add()
    with pytest.raises(DecodeError, match="an input with"):
        parse_predict(REQUEST, request.SerializeToString(), MANY)


def field_2(content: bytes) -> bytes:
    """Up to 2 MiB as the field 2: the inputs of a request, the tensor of an input, and the shape of a tensor."""
    length = len(content)
    return bytes([0x12, length & 127 | 128, length >> 7 & 127 | 128, length >> 14]) + content


@pytest.mark.parametrize(
    ("data", "error", "most_read"),
    [
        (b"\x12\x00" * 500_000, TooManyInputsError, MOST_INPUTS + 1),
        (b"\x18\x01" * 500_000, DecodeError, PIECE_BYTES // 2 + 1),  # output filters of the wrong type
        (field_2(b"\x0a\x01x" + b"\x12\x01\x08" * 300_000), DecodeError, 4),
        (field_2(b"\x0a\x01x" * 300_000), DecodeError, 3),
        (field_2(b"\x1a\x00" * 300_000), DecodeError, 2),
        (field_2(field_2(b"\x08\x01" * 300_000)), TooManyFieldsError, 1_003),
    ],
    ids=["inputs", "rest", "tensors of an input", "names of an input", "unknown", "types"],
)
def test_a_message_of_very_many_fields_is_refused_before_all_are_read(
    data: bytes, error: type[Exception], most_read: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, fields = 0, pieces._fields

    def counted(part: bytes) -> Iterator[pieces._Field]:
        nonlocal count
        for field in fields(part):
            count += 1
            yield field

    monkeypatch.setattr(pieces, "_fields", counted)
    with pytest.raises(error):
        parse_predict(REQUEST, data, 1_000)
    assert count <= most_read


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
def test_bytes_that_hold_no_request_are_a_decode_error(data: bytes) -> None:
    with pytest.raises(DecodeError):
        parse_predict(REQUEST, data, MANY)


@pytest.mark.parametrize("dimensions", [40_000, 3_000], ids=["long", "short"])
def test_a_shape_with_very_many_dimensions_is_a_decode_error(dimensions: int) -> None:
    request = request_of([b"long"] * 50_000, [])
    for _ in range(dimensions):
        request.inputs["x"].tensor_shape.dim.add()
    with pytest.raises(DecodeError, match="too many dimensions"):
        parse_predict(REQUEST, request.SerializeToString(), MANY)


def test_the_dimensions_of_several_shapes_count_together() -> None:
    shape = field_2(b"\x12\x00" * 50)  # of 50 dimensions
    with pytest.raises(DecodeError, match="too many dimensions"):
        parse_predict(REQUEST, field_2(field_2(shape * 1_000)), MANY)


def test_a_call_with_short_messages_takes_no_long_one() -> None:
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
