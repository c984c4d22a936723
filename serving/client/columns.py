"""Columns of values as arrays, many values at a time.

Python takes a microsecond to check and convert one value, and a request has thousands. So columns of usual types (str,
bytes, float, int, bool, None, and numpy's arrays) are converted whole. A column with anything else in it, or with a
value that cannot be sent, goes value by value (`values.py`), which gives the same array, or a readable error.
"""

import math
import struct
from collections.abc import Mapping, Sequence
from itertools import chain
from types import NoneType
from typing import Any

import numpy as np

from serving.client.types import TensorInfo
from serving.client.values import MISSING, scalar, several
from serving.errors import BadRequestError

Values = Sequence[Any] | np.ndarray

_NUMBERS = {float, int, bool, NoneType, np.float64, np.float32, np.int64, np.int32, np.bool_}
_TEXTS = {str, bytes, NoneType}
_ROWS = {list, tuple, np.ndarray, NoneType}


def column_arrays(columns: Mapping[str, Values], inputs: Mapping[str, TensorInfo]) -> dict[str, np.ndarray]:
    """`column_array` of columns of the same length, by name."""
    names = [name for name, info in inputs.items() if info.dtype == "float" and info.shape and len(info.shape) == 1]
    whole = _number_columns({name: columns[name] for name in names if name in columns})
    return {
        name: whole[name] if name in whole else column_array(name, values, inputs[name])
        for name, values in columns.items()
    }


def column_array(name: str, values: Values, info: TensorInfo) -> np.ndarray:
    """The array of one input.

    Args:
        name: of the feature.
        values: a value for each row; of a feature with several values, a sequence for each row.
        info: the input of the signature.

    Returns:
        float32, or an object array of bytes; of shape [N], or [N, k] padded with missing values.

    Raises:
        BadRequestError: a value does not fit, or the input is of a type or shape that no feature has.
    """
    if info.dtype not in MISSING or info.shape is None or len(info.shape) > 2:
        raise BadRequestError(
            f"The feature {name!r} is served as {info.dtype} {info.shape}, which this client cannot fill."
        )
    if len(info.shape) == 1:
        array = _whole(values, info.dtype)
        return array if array is not None else _each(name, values, info.dtype)
    array = _whole_rows(values, info.dtype, info.shape[1])
    return array if array is not None else _each_row(name, values, info.dtype, info.shape[1])


def _whole(values: Values, dtype: str) -> np.ndarray | None:
    """The column [N], converted at once; None if a conversion value by value may differ."""
    if type(values) is np.ndarray and values.ndim != 1:
        return None
    return _texts(values) if dtype == "string" else _numbers(values)


def _numbers(values: Values) -> np.ndarray | None:
    return _number_columns({"": values}).get("")


def _number_columns(columns: Mapping[str, Values]) -> dict[str, np.ndarray]:
    """The arrays of those columns that can be converted at once; columns of one length are converted together."""
    packed = {name: content for name, values in columns.items() if (content := _packed(values)) is not None}
    if len({*map(len, packed.values())}) > 1:
        return {name: array for name in packed for array in _number_columns({name: columns[name]}).values()}
    wide = np.frombuffer(b"".join(packed.values()), np.float64).reshape(len(packed), -1 if packed else 0)
    with np.errstate(over="ignore"):
        narrow = wide.astype(np.float32)
    overflown = (np.isinf(narrow) & ~np.isinf(wide)).any(axis=1)
    return {name: row for name, row, infinite in zip(packed, narrow, overflown, strict=True) if not infinite}


def _packed(values: Values) -> bytes | None:
    """Numbers as float64, as Python's float converts them; None if some may not be numbers.

    `struct` takes a tenth of numpy's time to read a list.
    """
    if type(values) is np.ndarray and values.dtype.kind in "fiub":
        return values.astype(np.float64).tobytes() if values.ndim == 1 and values.dtype.itemsize <= 8 else None
    types = [*map(type, values)]
    if types.count(float) < len(types):  # counting takes less time than making a set
        if not set(types) <= _NUMBERS:
            return None
        values = [math.nan if value is None else value for value in values]
    try:
        return struct.pack(f"{len(values)}d", *values)
    except struct.error:  # an int beyond float64
        return None


def _texts(values: Values) -> np.ndarray | None:
    if type(values) is np.ndarray and values.dtype.kind in "US":
        values = values.tolist()
    try:
        encoded = _encoded(values)
    except UnicodeEncodeError:
        return None
    except TypeError:  # not all of them are str
        if not set(map(type, values)) <= _TEXTS:
            return None
        try:
            encoded = [value.encode() if type(value) is str else value or b"" for value in values]
        except UnicodeEncodeError:
            return None
    return np.array(encoded, object)


def _encoded(values: Values) -> list[bytes]:
    """The texts in UTF-8, encoded together, which takes a third of the time.

    Raises:
        TypeError: not all of them are str.
    """
    together = "\n".join(values).encode().split(b"\n")
    return together if len(together) == len(values) else [value.encode() for value in values]  # a text has line breaks


def _whole_rows(rows: Values, dtype: str, width: int) -> np.ndarray | None:
    """The column [N, k], converted at once; None as for `_whole`."""
    if type(rows) is np.ndarray and rows.ndim == 2 and rows.dtype.kind in "fiub":
        numbers = _numbers(rows.ravel()) if dtype == "float" and rows.shape[1] == width else None
        return None if numbers is None else numbers.reshape(rows.shape)
    types = set(map(type, rows))
    if not types <= _ROWS:
        return None
    if np.ndarray in types:
        if any(type(row) is np.ndarray and (row.ndim != 1 or row.dtype.kind not in "fiubUSO") for row in rows):
            return None
        rows = [row.tolist() if type(row) is np.ndarray else row for row in rows]
    if NoneType in types:
        rows = [() if row is None else row for row in rows]
    lengths = set(map(len, rows))
    width = width if width >= 0 else max(lengths | {1})
    if lengths != {width}:
        if dtype == "float" and not lengths <= {0, width}:
            return None
        missing = {length: (MISSING[dtype],) * (width - length) for length in lengths}  # none for a negative number
        rows = [(*row[:width], *missing[len(row)]) for row in rows]
    array = _whole(list(chain.from_iterable(rows)), dtype)
    return None if array is None else array.reshape(len(rows), width)


def _each(name: str, values: Values, dtype: str) -> np.ndarray:
    return np.array([scalar(name, value, dtype) for value in values], object if dtype == "string" else np.float32)


def _each_row(name: str, values: Values, dtype: str, width: int) -> np.ndarray:
    rows = [several(name, value) for value in values]
    width = width if width >= 0 else max([1, *map(len, rows)])
    array = np.full((len(rows), width), MISSING[dtype], object if dtype == "string" else np.float32)
    for row, own in zip(array, rows, strict=True):
        if dtype == "float" and len(own) not in (0, width):
            raise BadRequestError(f"The feature {name!r} takes {width} numbers, but a value has {len(own)}.")
        scalars = [scalar(name, value, dtype) for value in own[:width]]
        row[: len(scalars)] = scalars
    return array
