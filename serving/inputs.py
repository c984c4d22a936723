"""Python values of features as the input arrays of the `score_candidates` signature."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from serving.arrays import as_bytes
from serving.client_types import SignatureInfo, TensorInfo
from serving.errors import BadRequestError
from transforms.features import FEATURES, Feature

_MISSING: dict[str, Any] = {"string": b"", "float": np.nan}


def candidate_inputs(
    signature: SignatureInfo,
    request: Mapping[str, Any],
    candidates: Mapping[str, Sequence[Any]],
    features: Sequence[Feature] = FEATURES,
) -> dict[str, np.ndarray]:
    """One array for every input of the signature; what is None or not given is missing.

    Args:
        signature: `score_candidates` of the served model.
        request: one value for each of the request's features.
        candidates: N values for each of the candidates' features.
        features: say which inputs are the request's; of those they do not name, the ones of static length 1 are.

    Returns:
        By input: string (object arrays of bytes, missing empty) or float32 (missing NaN), of shape [1] or [N], or
        [1 or N, k] for features of several values, padded with missing ones.

    Raises:
        BadRequestError: an unknown feature, one on the wrong side, lengths that differ, or a value of another type.
    """
    per = {feature.name: feature.per for feature in features}
    of_request = {
        name
        for name, info in signature.inputs.items()
        if per.get(name, "request" if info.shape and info.shape[0] == 1 else "candidate") == "request"
    }
    of_candidates = set(signature.inputs) - of_request
    _check_names("request", request, of_request)
    _check_names("candidates", candidates, of_candidates)
    for name, values in candidates.items():
        if isinstance(values, str | bytes) or not hasattr(values, "__len__"):
            raise BadRequestError(f"The candidates' {name!r} takes a list, one value a candidate, not {values!r}.")
    lengths = {name: len(values) for name, values in candidates.items()}
    if not lengths:
        raise BadRequestError("There are no candidates: give the values of at least one candidate feature.")
    if len(set(lengths.values())) > 1:
        counts = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise BadRequestError(f"The candidate features differ in length, one value a candidate is needed: {counts}.")
    size = next(iter(lengths.values()))
    columns = {name: [request.get(name)] for name in of_request}
    columns |= {name: list(candidates.get(name, [None] * size)) for name in of_candidates}
    return {name: _array(name, columns[name], info) for name, info in signature.inputs.items()}


def _check_names(side: str, given: Mapping[str, Any], known: set[str]) -> None:
    for name in given:
        if name not in known:
            raise BadRequestError(f"{side} has no feature {name!r}; it takes {', '.join(sorted(known))}.")


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
            raise BadRequestError(f"The feature {name!r} has {width} numbers, one value has {len(several)}.")
        kept = [_scalar(name, value, info.dtype) for value in several[:width]]
        row[: len(kept)] = kept
    return array


def _several(name: str, value: Any) -> Sequence[Any]:
    if value is None:
        return ()
    if isinstance(value, str | bytes) or not hasattr(value, "__len__"):
        raise BadRequestError(f"The feature {name!r} takes several values each, in a list, not {value!r}.")
    return value


def _scalar(name: str, value: Any, dtype: str) -> Any:
    if value is None:
        return _MISSING[dtype]
    if dtype == "string":
        return as_bytes(name, value)
    if isinstance(value, str | bytes) or not np.isscalar(value):
        raise BadRequestError(f"The feature {name!r} takes a number, not {value!r}.")
    return value
