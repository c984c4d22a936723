"""Python values of features as the input arrays of the `score_candidates` signature."""

import math
from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np

from serving.client.arrays import as_bytes
from serving.client.types import SignatureInfo, TensorInfo
from serving.errors import BadRequestError
from transforms.feature import Feature
from transforms.features import FEATURES
from transforms.kinds import FEATURE_KINDS

_MISSING: dict[str, Any] = {
    "float" if kind.is_number else "string": kind.missing if kind.is_number else str(kind.missing).encode()
    for kind in FEATURE_KINDS.values()
}
"""The value that stands for a missing one, by TensorFlow's name of a feature's type."""
_OVERFLOWS = 2.0**128 - 2.0**103  # from here on float32 rounds to infinity
_NO_NUMBERS = (str, bytes, complex, np.complexfloating, np.datetime64, np.timedelta64)  # numpy casts them or fails


def candidate_inputs(
    signature: SignatureInfo,
    request: Mapping[str, Any],
    candidates: Mapping[str, Sequence[Any]],
    features: Sequence[Feature] = FEATURES,
) -> dict[str, np.ndarray]:
    """One array for every input of the signature.

    Args:
        signature: `score_candidates` of the served model.
        request: one value for each feature of the request.
        candidates: N values for each feature of the candidates. In both, None, NaN, pandas' NA or NaT, or no entry
            means missing.
        features: the feature table of the caller; see `request_features`.

    Returns:
        By input: string (object arrays of bytes, missing empty) or float32 (missing NaN), of shape [1] or [N], or
        [1 or N, k] for features of several values, padded with missing ones.

    Raises:
        BadRequestError: an unknown feature, one on the wrong side, lengths that differ, or a value, a column or an
            argument of another type.
    """
    _check_arguments(request, candidates)
    of_request = request_features(signature, request, features)
    of_candidates = set(signature.inputs) - of_request
    _check_names("request", request, of_request)
    _check_names("candidates", candidates, of_candidates)
    for name, values in candidates.items():
        if not _ordered(values):
            raise BadRequestError(
                f"The candidates' {name!r} takes a list with one value for each candidate, not {values!r}."
            )
    lengths = {name: len(values) for name, values in candidates.items()}
    if not lengths:
        raise BadRequestError("There are no candidates: give the values of at least one candidate feature.")
    if len(set(lengths.values())) > 1:
        counts = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise BadRequestError(
            f"The candidate features differ in length; give each one value for each candidate: {counts}."
        )
    size = next(iter(lengths.values()))
    columns = {name: [request.get(name)] for name in of_request}
    columns |= {name: list(candidates.get(name, [None] * size)) for name in of_candidates}
    return {name: _array(name, columns[name], info) for name, info in signature.inputs.items()}


def request_features(
    signature: SignatureInfo, request: Mapping[str, Any], features: Sequence[Feature] = FEATURES
) -> set[str]:
    """The inputs of the signature with one value for the request; the others have one for each candidate.

    The first of these that knows an input decides: the caller's table, the built-in table, the signature (a static
    length of 1, which our export does not write), and `request`, if it has a value for the input.
    """
    per = {feature.name: feature.per for feature in (*FEATURES, *features)}
    return {
        name
        for name, info in signature.inputs.items()
        if (per[name] == "request" if name in per else (info.shape and info.shape[0] == 1) or name in request)
    }


def guessed_features(
    signature: SignatureInfo,
    request: Mapping[str, Any],
    candidates: Mapping[str, Any],
    features: Sequence[Feature] = FEATURES,
) -> list[str]:
    """The inputs whose side no table, signature, or caller gives; they go as missing candidate features."""
    known = {feature.name for feature in (*FEATURES, *features)} | set(request) | set(candidates)
    return sorted(
        name for name, info in signature.inputs.items() if name not in known and not (info.shape and info.shape[0] == 1)
    )


def _check_arguments(request: Any, candidates: Any) -> None:
    if not isinstance(request, Mapping):
        raise BadRequestError(f"request takes a dict with a value for each feature, not a {type(request).__name__}.")
    if isinstance(candidates, list | tuple) and any(isinstance(candidate, Mapping) for candidate in candidates):
        raise BadRequestError(
            "candidates is a list with a dict for each candidate; give a dict with a list for each feature: "
            '{"show_id": ["a", "b"]}, not [{"show_id": "a"}, {"show_id": "b"}].'
        )
    # pandas' DataFrame is not a Mapping, but holds columns by name like one
    if not isinstance(candidates, Mapping) and not all(hasattr(candidates, name) for name in ("items", "columns")):
        raise BadRequestError(
            f"candidates takes a dict with a list for each feature, not a {type(candidates).__name__}."
        )


def _check_names(side: str, features: Mapping[str, Any], known: set[str]) -> None:
    for name in features:
        if name not in known:
            raise BadRequestError(f"{side} has no feature {name!r}; it takes {', '.join(sorted(known))}.")


def _ordered(values: Any) -> bool:
    """Whether these are values in order: a sequence, an array, or a Series; not a set, a dict, or a table."""
    if isinstance(values, str | bytes | Set | Mapping) or hasattr(values, "columns"):
        return False
    return all(hasattr(values, name) for name in ("__len__", "__getitem__")) and getattr(values, "ndim", 1) >= 1


def _array(name: str, values: Sequence[Any], info: TensorInfo) -> np.ndarray:
    if info.dtype not in _MISSING or info.shape is None or len(info.shape) > 2:
        raise BadRequestError(
            f"The feature {name!r} is served as {info.dtype} {info.shape}, which this client cannot fill."
        )
    missing = _MISSING[info.dtype]
    dtype = object if info.dtype == "string" else np.float32
    if len(info.shape) == 1:
        return np.array([_scalar(name, value, info.dtype) for value in values], dtype)
    rows = [_several(name, value) for value in values]
    width = info.shape[1] if info.shape[1] >= 0 else max([1, *map(len, rows)])
    array = np.full((len(rows), width), missing, dtype)
    for row, several in zip(array, rows, strict=True):
        if info.dtype == "float" and len(several) not in (0, width):
            raise BadRequestError(f"The feature {name!r} takes {width} numbers, but a value has {len(several)}.")
        scalars = [_scalar(name, value, info.dtype) for value in several[:width]]
        row[: len(scalars)] = scalars
    return array


def _several(name: str, value: Any) -> Sequence[Any]:
    if _is_missing(value):
        return ()
    if not _ordered(value):
        raise BadRequestError(f"The feature {name!r} takes a list for each value, not {value!r}.")
    return list(value)


def _scalar(name: str, value: Any, dtype: str) -> Any:
    if _is_missing(value):
        return _MISSING[dtype]
    if dtype == "string":
        return as_bytes(name, value)
    return _number(name, value)


def _is_missing(value: Any) -> bool:
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
