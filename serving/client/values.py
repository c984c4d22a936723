"""Single values of features, checked one by one: any type that a caller may give, with readable errors."""

import math
from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np

from serving.client.arrays import as_bytes
from serving.errors import BadRequestError
from transforms.kinds import FEATURE_KINDS

MISSING: dict[str, Any] = {
    "float" if kind.is_number else "string": kind.missing if kind.is_number else str(kind.missing).encode()
    for kind in FEATURE_KINDS.values()
}
"""The value that stands for a missing one, by TensorFlow's name of a feature's type."""
_OVERFLOWS = 2.0**128 - 2.0**103  # from here on float32 rounds to infinity
_NO_NUMBERS = (str, bytes, complex, np.complexfloating, np.datetime64, np.timedelta64)  # numpy casts them or fails


def scalar(name: str, value: Any, dtype: str) -> Any:
    """A value as bytes (dtype `string`) or float; of a missing one, what stands for it.

    Raises:
        BadRequestError: it is of another type, or a number that float32 cannot hold.
    """
    if is_missing(value):
        return MISSING[dtype]
    if dtype == "string":
        return as_bytes(name, value)
    return _number(name, value)


def several(name: str, value: Any) -> Sequence[Any]:
    """The values of a feature that may have several, none if it is missing.

    Raises:
        BadRequestError: it is no sequence.
    """
    if is_missing(value):
        return ()
    if not ordered(value):
        raise BadRequestError(f"The feature {name!r} takes a list for each value, not {value!r}.")
    return list(value)


def ordered(values: Any) -> bool:
    """Whether these are values in order: a sequence, an array, or a Series; not a set, a dict, or a table."""
    if type(values) in (list, tuple):  # the usual ones, without the slow look at abstract classes
        return True
    if isinstance(values, str | bytes | Set | Mapping) or hasattr(values, "columns"):
        return False
    return all(hasattr(values, name) for name in ("__len__", "__getitem__")) and getattr(values, "ndim", 1) >= 1


def is_missing(value: Any) -> bool:
    """Whether this is None, NaN, or pandas' NA or NaT, which it knows by name, since the client needs no pandas."""
    if isinstance(value, float | np.floating):
        return math.isnan(value)
    return value is None or type(value).__name__ in {"NAType", "NaTType"}


def _number(name: str, value: Any) -> float:
    if isinstance(value, _NO_NUMBERS) or not np.isscalar(value):
        raise BadRequestError(f"The feature {name!r} takes a number, not {value!r}.")
    try:
        number = float(value)  # type: ignore[arg-type]  # any scalar
    except OverflowError:
        number = math.inf
    except (TypeError, ValueError) as error:
        raise BadRequestError(f"The feature {name!r} takes a number, not {value!r}.") from error
    if abs(number) >= _OVERFLOWS and value not in (math.inf, -math.inf):
        raise BadRequestError(f"The feature {name!r} takes numbers up to 3.4e38, the greatest that float32 holds.")
    return number
