"""TensorProto fields mean what TensorFlow means by them."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from serving.wire import tensors

SHAPES = npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
DTYPES = st.sampled_from([np.float32, np.float64, np.int32, np.int64, np.bool_])
ARRAYS = DTYPES.flatmap(lambda dtype: npst.arrays(dtype, SHAPES))
TEXTS = npst.arrays(object, SHAPES, elements=st.binary(max_size=5))


@given(ARRAYS | TEXTS)
def test_decoding_what_was_encoded_gives_the_array(array: np.ndarray) -> None:
    proto = tf.make_tensor_proto([]).__class__()
    tensors.encode(array, proto)
    np.testing.assert_array_equal(tensors.decode(proto), array)
    np.testing.assert_array_equal(tf.make_ndarray(proto), array)


@given(ARRAYS)
def test_decoding_what_tensorflow_encoded_gives_the_array(array: np.ndarray) -> None:
    proto = tf.make_tensor_proto(array, tf.as_dtype(array.dtype))
    np.testing.assert_array_equal(tensors.decode(proto), array)


@given(st.lists(st.floats(width=32, allow_nan=False), max_size=6), st.integers(0, 6))
def test_too_few_and_too_many_values_mean_what_tensorflow_makes_of_them(values: list[float], size: int) -> None:
    proto = tf.make_tensor_proto([], tf.float32)
    proto.ClearField("tensor_content")
    proto.tensor_shape.dim[0].size = size
    proto.float_val.extend(values)
    parsed = tf.io.parse_tensor(proto.SerializeToString(), tf.float32).numpy()
    np.testing.assert_array_equal(tensors.decode(proto), parsed)


def test_an_unknown_shape_or_wrong_content_is_an_error() -> None:
    proto = tf.make_tensor_proto(np.zeros([2, 2], np.float32))
    proto.tensor_content = b"\0" * 15
    with pytest.raises(ValueError, match="buffer size"):
        tensors.decode(proto)
    proto.tensor_shape.dim[0].size = -1
    with pytest.raises(ValueError, match="not fully known"):
        tensors.decode(proto)


def test_rare_encodings_are_left_to_tensorflow() -> None:
    assert not tensors.decodable(tf.make_tensor_proto(tf.constant([1.0], tf.bfloat16)))
    text = tf.make_tensor_proto(np.array([b"a"], object))
    assert tensors.decodable(text)
    text.tensor_content = b"\x01a"
    assert not tensors.decodable(text)
    assert not tensors.encodable(np.zeros(1, np.float16))


def test_what_fills_a_shape_may_be_bounded() -> None:
    proto = tf.make_tensor_proto([]).__class__(dtype=tf.string.as_datatype_enum, string_val=[b"0123456789"])
    proto.tensor_shape.dim.add(size=11)
    assert tensors.decode(proto, 100).tolist() == [b"0123456789"] * 11
    with pytest.raises(ValueError, match="left to be filled"):
        tensors.decode(proto, 99)
    proto = proto.__class__(dtype=tf.float32.as_datatype_enum)
    proto.tensor_shape.dim.add(size=100)
    assert tensors.decode(proto, 400).tolist() == [0.0] * 100
    with pytest.raises(ValueError, match="left to be filled"):
        tensors.decode(proto, 399)
