"""Python values of features as the input arrays of the `score_candidates` signature."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from serving.client.columns import column_arrays
from serving.client.types import SignatureInfo
from serving.client.values import ordered
from serving.errors import BadRequestError
from transforms.feature import Feature
from transforms.features import FEATURES


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
        if not ordered(values):
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
    missing = [None] * size
    arrays = column_arrays({name: [request.get(name)] for name in of_request}, signature.inputs)
    columns = {name: _column(candidates.get(name, missing)) for name in of_candidates}
    arrays |= column_arrays(columns, signature.inputs)
    return {name: arrays[name] for name in signature.inputs}


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
    """The inputs whose side no table, signature, or caller gives. They go as missing candidate features."""
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


def _column(values: Any) -> Sequence[Any]:
    """The values as they are in a list or an array, and those of others in a list."""
    return values if type(values) in (list, tuple, np.ndarray) else list(values)
