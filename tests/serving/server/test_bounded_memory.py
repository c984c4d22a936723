"""A request takes memory for the values that it may ask for, whatever its shapes say, for inputs of any type."""

import tracemalloc
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2
from tensorflow.core.protobuf import meta_graph_pb2

from serving.server.limits import Limits
from serving.server.refusal import Code, Refusal
from serving.server.versions import signature as signatures
from serving.server.versions.signature import Signature

LIMITS = Limits(rows=10_000, elements=1_000_000)
MOST_BYTES = 1 << 20
"""More than what other threads of the test process take meanwhile, and less than what such a shape would."""
TYPES = (
    tf.string,
    tf.float32,
    tf.float64,
    tf.int32,
    tf.int64,
    tf.bool,
    tf.float16,
    tf.bfloat16,
    tf.uint8,
    tf.complex128,
)
SHAPES = {
    "rows": (1 << 20,),
    "columns": (10_000, 1 << 40),
    "no rows": (0, 1 << 40),
    "no columns": (1 << 40, 0),
    "a row too many": (10_001, 0),
    "a value too many": (1_000, 1_001),
    "no row, a value too many": (0, 1_000_001),
    "negative": (-1,),
    "two negatives": (-(1 << 10), -(1 << 10)),
    "more than int64": (1 << 62, 1 << 62),
}


class UnusedSession:
    """A session with a model that takes what it gets, and must get nothing."""

    def _make_callable_from_options(self, _options: object) -> Any:
        def call(*_arrays: object) -> None:
            raise AssertionError("the model ran")

        return call


def tensor(dtype: tf.DType, shape: tuple[int, ...]) -> tensor_pb2.TensorProto:
    """A tensor without values."""
    proto = tensor_pb2.TensorProto(dtype=dtype.as_datatype_enum)
    for size in shape:
        proto.tensor_shape.dim.add(size=size)
    return proto


def signature_of(*dtypes: tf.DType) -> Signature:
    """A signature with an input of any shape for each type: "0", "1", and so on."""
    definition = meta_graph_pb2.SignatureDef()
    for number, dtype in enumerate(dtypes):
        definition.inputs[str(number)].dtype = dtype.as_datatype_enum
        definition.inputs[str(number)].tensor_shape.unknown_rank = True
    return Signature(UnusedSession(), definition)  # type: ignore[arg-type]


def refused(signature: Signature, *inputs: tensor_pb2.TensorProto) -> str:
    """The details of the refusal of these inputs, which takes next to no memory."""
    tracemalloc.start()
    try:
        with pytest.raises(Refusal) as refusal:
            signature.run({str(number): proto for number, proto in enumerate(inputs)}, (), LIMITS)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_BYTES
    assert refusal.value.code == Code.INVALID_ARGUMENT
    return refusal.value.details


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_shape_without_values_takes_no_memory(shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    parsed, parse = 0, signatures._parse

    def counting(proto: tensor_pb2.TensorProto) -> np.ndarray:
        nonlocal parsed  # since TensorFlow's memory is not traced
        parsed += 1
        return parse(proto)

    monkeypatch.setattr(signatures, "_parse", counting)
    for dtype in TYPES:
        refused(signature_of(dtype), tensor(dtype, shape))
    assert not parsed or min(shape) < 0, "TensorFlow refuses a negative size before it makes an array"


@pytest.mark.parametrize("dtype", TYPES)
def test_a_negative_size_does_not_make_room_for_another_input(dtype: tf.DType) -> None:
    inputs = tensor(dtype, (-1, 1 << 60)), tensor(dtype, (10_000, 101))
    assert "more than the 1000000 values" in refused(signature_of(dtype, dtype), *inputs)


@pytest.mark.parametrize("shape", [(), (10_000, 1_000)])
@pytest.mark.parametrize("dtype", TYPES)
def test_a_tensor_of_unknown_rank_is_refused(dtype: tf.DType, shape: tuple[int, ...]) -> None:
    unknown = tensor(dtype, shape)
    unknown.tensor_shape.unknown_rank = True
    assert refused(signature_of(dtype), unknown) == "tensor parsing error: 0"


@pytest.mark.parametrize("size", [50_000, 1_000])
def test_one_long_text_does_not_fill_a_shape(size: int) -> None:
    text = tensor(tf.string, (100, 100))
    text.string_val.append(b"x" * size)
    assert refused(signature_of(tf.string), text) == "tensor parsing error: 0"


@pytest.mark.parametrize("dtype", [tf.string, tf.uint8, tf.bfloat16, tf.complex128])
def test_less_content_than_values_never_reaches_tensorflow(dtype: tf.DType, monkeypatch: pytest.MonkeyPatch) -> None:
    def allocate(*_: object) -> None:
        raise AssertionError("TensorFlow makes the whole array before it looks at the content")

    monkeypatch.setattr(tf.io, "parse_tensor", allocate)
    short = tensor(dtype, (1_000, 1_000))
    short.tensor_content = b"x" * 1_000
    assert refused(signature_of(dtype), short) == "tensor parsing error: 0"
