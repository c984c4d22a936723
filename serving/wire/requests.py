"""The bytes of a PredictRequest from arrays, without a message for each input.

In Python, a protobuf message takes some microseconds for each input and a third of a microsecond for each text. A
request has a hundred inputs and thousands of texts. So this module writes the inputs, after the bytes of a message with
all other fields. This relies on two rules of protobuf: the wire format
(https://protobuf.dev/programming-guides/encoding/), and that concatenated messages parse as one merged message.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from serving.errors import BadRequestError
from serving.wire.messages import message
from serving.wire.tensors import describe

MOST_BYTES = 2**31 - 1
"""No protobuf message is longer."""

_INPUTS, _KEY, _VALUE = 2, 1, 2  # field numbers of predict.proto and of a map's entry
_CONTENT, _STRING = 4, 8  # of tensor.proto
_GAP = b"\xff\xff"  # UTF-8 has no such byte
_MANY = 32  # numpy is faster than a loop from so many texts on


def serialized(request: Any, arrays: Mapping[str, np.ndarray]) -> bytes:
    """The bytes of `request` with one input for each of `arrays`.

    Args:
        request: a PredictRequest without inputs.
        arrays: `serving.wire.tensors.encodable` arrays by input.

    Raises:
        BadRequestError: they are more than `MOST_BYTES`.
    """
    parts = [request.SerializeToString()]
    for name, array in arrays.items():
        if array.dtype == object:
            content = _texts(array.ravel().tolist())
            parts += [_before(name, _described(array.dtype, array.shape), len(content)), content]
        else:
            parts += [_before_numbers(name, array.dtype, array.shape), array.tobytes()]
    size = sum(map(len, parts))
    if size > MOST_BYTES:
        raise BadRequestError(
            f"The request takes {size:,} bytes, and a protobuf message at most {MOST_BYTES:,}; send fewer rows at once."
        )
    return b"".join(parts)


def _texts(texts: Sequence[bytes]) -> bytes:
    """A field `string_val` for each text."""
    whole = _short_texts(texts) if len(texts) >= _MANY else None
    return b"".join([_field(_STRING, len(text)) + text for text in texts]) if whole is None else whole


def _short_texts(texts: Sequence[bytes]) -> bytes | None:
    """As `_texts`, of texts joined with gaps that tag and length fill; None if one is long, or holds a gap's byte."""
    joined = np.frombuffer(bytearray(_GAP + _GAP.join(texts)), np.uint8)
    (places,) = (joined == _GAP[0]).nonzero()
    if len(places) != len(_GAP) * len(texts):
        return None
    starts = places[::2]
    lengths = np.append(starts[1:], joined.size) - starts - len(_GAP)
    if lengths.max() > 127:  # its length would take two bytes
        return None
    joined[starts], joined[starts + 1] = _field(_STRING, 0)[0], lengths
    return joined.tobytes()


@functools.lru_cache(maxsize=1 << 14)
def _before_numbers(name: str, dtype: np.dtype, shape: tuple[int, ...]) -> bytes:
    """All of an input up to its numbers."""
    size = int(np.prod(shape)) * dtype.itemsize
    return _before(name, _described(dtype, shape) + (_field(_CONTENT, size) if size else b""), size)


@functools.lru_cache(maxsize=1 << 10)
def _described(dtype: np.dtype, shape: tuple[int, ...]) -> bytes:
    """A TensorProto with type and shape alone."""
    tensor = message("tensorflow.TensorProto")()
    describe(tensor, dtype, shape)
    return bytes(tensor.SerializeToString())


def _before(name: str, tensor: bytes, size: int) -> bytes:
    """All of an input up to the last `size` bytes of its tensor, which follow those of `tensor`."""
    key = name.encode()
    entry = _field(_KEY, len(key)) + key + _field(_VALUE, len(tensor) + size) + tensor
    return _field(_INPUTS, len(entry) + size) + entry


def _field(number: int, length: int) -> bytes:
    """The head of a field, before its bytes: its number with the wire type 2, and its length, seven bits a byte."""
    head = [number << 3 | 2]
    while length > 127:
        head.append(length & 127 | 128)
        length >>= 7
    return bytes([*head, length])
