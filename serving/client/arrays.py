"""A caller's arrays and examples, checked, as the arrays that `tensors.encode` takes."""

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

import numpy as np

from serving.errors import BadRequestError
from serving.wire import tensors


def sendable(name: str, array: np.ndarray) -> np.ndarray:
    """The array as it can be sent: numbers unchanged, strings as an object array of bytes in UTF-8.

    Raises:
        BadRequestError: it is not an array, or not one of float32, float64, int32, int64, bool or strings.
    """
    if not isinstance(array, np.ndarray):
        raise BadRequestError(f"The input {name!r} takes a numpy array, not a {type(array).__name__}.")
    if array.dtype.kind in "USO":
        return np.array([as_bytes(name, value) for value in array.flat], object).reshape(array.shape)
    if not tensors.encodable(array):
        known = "float32, float64, int32, int64, bool or strings"
        raise BadRequestError(f"The input {name!r} is a {array.dtype} array, which cannot be sent; give {known}.")
    return array


def examples_array(examples: Sequence[bytes]) -> np.ndarray:
    """Serialized tf.Examples as an object array of shape [N].

    Raises:
        BadRequestError: an example is not bytes, or `examples` is a single example or has no order.
    """
    if isinstance(examples, str | bytes):
        raise BadRequestError("Give a list of serialized tf.Examples, also for a single one.")
    if not isinstance(examples, Iterable) or isinstance(examples, Set | Mapping):
        raise BadRequestError(f"Give the tf.Examples in a list, not in a {type(examples).__name__}.")
    serialized = list(examples)
    for number, example in enumerate(serialized):
        if not isinstance(example, bytes):
            kind = type(example).__name__
            raise BadRequestError(f"Example {number} is a {kind}; give bytes, as SerializeToString returns them.")
    return np.array(serialized, object)


def as_bytes(name: str, value: Any) -> bytes:
    """A str in UTF-8, or bytes as they are.

    Raises:
        BadRequestError: it is neither, or a str that UTF-8 cannot encode.
    """
    if isinstance(value, bytes):
        return value
    try:
        if isinstance(value, str):
            return value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        pass
    raise BadRequestError(f"{name!r} takes text, not {value!r}.")
