"""TensorProto to numpy and back, with the meaning that TensorFlow Serving gives the fields.

Works on any message with TensorProto's fields: the server passes TensorFlow's own, the client those of
`serving.wire.messages`.
"""

import math
from typing import Any

import numpy as np

# DataType numbers of tensorflow/core/framework/types.proto, with the field that holds the values.
STRING = 7
_FIELDS: dict[int, tuple[np.dtype, str]] = {
    1: (np.dtype(np.float32), "float_val"),
    2: (np.dtype(np.float64), "double_val"),
    3: (np.dtype(np.int32), "int_val"),
    STRING: (np.dtype(object), "string_val"),
    9: (np.dtype(np.int64), "int64_val"),
    10: (np.dtype(np.bool_), "bool_val"),
}
_NUMBERS = {dtype: number for number, (dtype, _) in _FIELDS.items()}
_SLICE = 1 << 14  # values converted in one call, so that other threads run in between
NAMES = {1: "float", 2: "double", 3: "int32", STRING: "string", 9: "int64", 10: "bool"}
"""How TensorFlow spells the types in its messages."""


def decodable(proto: Any) -> bool:
    """Whether `decode` knows the encoding; other types, and strings as `tensor_content`, are TensorFlow's to parse."""
    return proto.dtype in _FIELDS and not (proto.dtype == STRING and proto.tensor_content)


def shape_of(proto: Any) -> tuple[int, ...] | None:
    """The shape of a TensorProto; None for an unknown rank, -1 for an unknown dimension."""
    shape = proto.tensor_shape
    return None if shape.unknown_rank else tuple([dim.size for dim in shape.dim])


def decode(proto: Any, most_filled: int | None = None, shape: tuple[int, ...] | None = None) -> np.ndarray:
    """The array of a TensorProto; strings are an object array of bytes.

    As in TensorFlow, `tensor_content` comes before the `*_val` field. The last of too few values fills the shape. No
    value at all means zeros or empty strings. Values beyond the shape are ignored.

    Args:
        proto: a `decodable` TensorProto.
        most_filled: how many bytes the repetitions of the last value may take; None means any number.
        shape: `shape_of(proto)`, from a caller that has it already.

    Raises:
        ValueError: the shape has an unknown rank or dimension, `tensor_content` has another length than the shape, or
            the repetitions take more than `most_filled`.
    """
    dtype, field = _FIELDS[proto.dtype]
    shape = shape_of(proto) if shape is None else shape
    if shape is None or (shape and min(shape) < 0):
        raise ValueError("its shape is not fully known")
    if proto.tensor_content:
        return np.frombuffer(proto.tensor_content, dtype).reshape(shape)
    size = math.prod(shape)
    values = _values(getattr(proto, field), size, dtype)
    if len(values) < size:
        filler = values[-1] if len(values) else (b"" if proto.dtype == STRING else 0)
        filler_bytes = len(filler) if isinstance(filler, bytes) else dtype.itemsize
        if most_filled is not None and (size - len(values)) * filler_bytes > most_filled:
            raise ValueError("nearly all of its shape is left to be filled")
        values = np.concatenate([values, np.full(size - len(values), filler, dtype)])
    return values.reshape(shape)


def _values(repeated: Any, size: int, dtype: np.dtype) -> np.ndarray:
    """The first `size` values of a repeated field. Numpy converts a list faster than the field itself."""
    size = min(size, len(repeated))
    if size <= _SLICE:
        return np.array(repeated[:size], dtype)
    values = np.empty(size, dtype)
    for start in range(0, size, _SLICE):
        values[start : start + _SLICE] = repeated[start : min(size, start + _SLICE)]
    return values


def encodable(array: np.ndarray) -> bool:
    """Whether `encode` knows the array's type."""
    return array.dtype in _NUMBERS


def encode(array: np.ndarray, proto: Any) -> None:
    """Writes an `encodable` array into an empty TensorProto, in the `*_val` field as TensorFlow Serving answers."""
    describe(proto, array.dtype, array.shape)
    getattr(proto, _FIELDS[proto.dtype][1]).extend(array.ravel().tolist())


def describe(proto: Any, dtype: np.dtype, shape: tuple[int, ...]) -> None:
    """Writes type and shape of an `encodable` array into an empty TensorProto."""
    proto.dtype = _NUMBERS[dtype]
    for size in shape:
        proto.tensor_shape.dim.add().size = size
