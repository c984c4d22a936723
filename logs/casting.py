"""Lossless casts of a raw column to its declared type (docs/data.md#what-is-accepted)."""

from collections.abc import Callable

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from logs.errors import one_line, with_example
from logs.schema import STRINGS, TIMESTAMP

FLOATS = pa.list_(pa.float32())
NUMBER = pa.float64()
"""Type of extra columns for numeric features."""
LABEL = pa.large_string()
"""Type of extra columns for category and hashed features: text, or whole numbers and booleans as text."""

_NAMES = {NUMBER: "a number or boolean", LABEL: "string, integer or boolean"}
"""The types of extra columns in words for the user."""


class LossyCastError(ValueError):
    """A value does not survive the cast; the message says which kind of value."""


def _is_text(type_: pa.DataType) -> bool:
    if pa.types.is_dictionary(type_):
        return _is_text(type_.value_type)
    return pa.types.is_string(type_) or pa.types.is_large_string(type_)


def _is_list(type_: pa.DataType) -> bool:
    return pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_)


def _is_number(type_: pa.DataType) -> bool:
    return pa.types.is_integer(type_) or pa.types.is_floating(type_)


_ACCEPTED: dict[pa.DataType, Callable[[pa.DataType], bool]] = {
    pa.string(): _is_text,
    LABEL: lambda type_: _is_text(type_) or pa.types.is_integer(type_) or pa.types.is_boolean(type_),
    pa.int64(): _is_number,
    NUMBER: lambda type_: _is_number(type_) or pa.types.is_boolean(type_),
    TIMESTAMP: lambda type_: pa.types.is_timestamp(type_) and type_.tz is not None,
    pa.date32(): pa.types.is_date,
    STRINGS: lambda type_: _is_list(type_) and (_is_text(type_.value_type) or pa.types.is_null(type_.value_type)),
    FLOATS: lambda type_: _is_list(type_) and (_is_number(type_.value_type) or pa.types.is_null(type_.value_type)),
}


def type_problem(present: pa.DataType, wanted: pa.DataType, *, nullable: bool) -> str | None:
    """Why no column of type `present` can become `wanted` without loss; None if it depends on the values."""
    if pa.types.is_null(present):
        return None if nullable else "holds nothing but nulls, and is not optional"
    if pa.types.is_timestamp(present) and present.tz is None and pa.types.is_timestamp(wanted):
        return "is a timestamp without a time zone; write it in UTC"
    if not _ACCEPTED[wanted](present):
        return f"has type {present} instead of {_NAMES.get(wanted, wanted)}"
    return None


def cast(column: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    """`column`, of a type without `type_problem`, as `wanted`.

    Raises:
        LossyCastError: if a value changes by the cast, such as 0.5 as an integer.
    """
    if column.type == wanted:
        return column
    try:
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if wanted == NUMBER:  # an input of the model, which rounds it to float32
            return column.cast(NUMBER, safe=False)
        if _is_list(wanted) and not pa.types.is_null(column.type):
            return _cast_lists(column, wanted)
        return column.cast(wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise LossyCastError(with_example(f"does not fit {wanted} without loss", one_line(error))) from None


def _cast_lists(column: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_fixed_size_list(column.type):
        column = pa.chunked_array([pl.Series(pl.from_arrow(column)).arr.to_list().to_arrow()])
    if pa.types.is_dictionary(column.type.value_type):
        column = column.cast(pa.list_(column.type.value_type.value_type))
    if pa.types.is_null(column.type.value_type):  # nothing but empty lists and nulls
        return column.cast(wanted)
    if pa.types.is_floating(wanted.value_type):
        values = pc.list_flatten(column)
        narrow = values.cast(wanted.value_type, safe=False)
        same = pc.equal(narrow.cast(values.type, safe=False), values)
        kept = pc.or_kleene(same, pc.is_nan(values)) if pa.types.is_floating(values.type) else same
        if pc.all(kept).as_py() is False:
            raise LossyCastError(f"does not fit {wanted} without loss; write its values as float32")
        if pa.types.is_integer(values.type):
            return column.cast(pa.list_(pa.float64())).cast(wanted, safe=False)
        return column.cast(wanted, safe=False)
    return column.cast(wanted)
