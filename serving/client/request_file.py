"""The file form of a request for one user and N candidates: JSON with the arguments of `Client.score_candidates`.

{"request": {"market": "SE"}, "candidates": {"show_id": ["s1", "s2"], "genres": [["comedy"], null]}}
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serving.errors import ServingError

_FORM = '{"request": {"market": "SE", ...}, "candidates": {"show_id": ["s1", "s2"], ...}}'


class RequestFileError(ServingError):
    """A request file cannot be read or written, or holds no request."""


@dataclass(frozen=True)
class Request:
    """One user and N candidates. A value is a string, a number, or a list of either; None where it is missing.

    Attributes:
        request: one value for each feature of the user and the moment, by name.
        candidates: N values for each feature of the candidates, by name.
    """

    request: dict[str, Any]
    candidates: dict[str, list[Any]]

    @property
    def size(self) -> int:
        """N, the number of candidates."""
        return max((len(values) for values in self.candidates.values()), default=0)


def load_request(path: str | os.PathLike[str]) -> Request:
    """Reads a request file.

    Raises:
        RequestFileError: the file cannot be read, is not JSON, or has the wrong form.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise RequestFileError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:  # not JSON, or not UTF-8
        raise RequestFileError(f"{path} is not JSON: {error}; write {_FORM}.") from error
    reason = _problem(content)
    if reason:
        raise RequestFileError(f"{path} {reason}; write {_FORM}, or let `coldcast score --save FILE` write an example.")
    return Request(content["request"], content["candidates"])


def save_request(request: Request, path: str | os.PathLike[str]) -> None:
    """Writes a request file that a person can edit, with a line for each feature.

    Raises:
        RequestFileError: the file cannot be written.
    """
    sides = {"request": request.request, "candidates": request.candidates}
    text = ",\n".join(f' "{side}": {_lines(features)}' for side, features in sides.items())
    try:
        Path(path).write_text(f"{{\n{text}\n}}\n", encoding="utf-8")
    except OSError as error:
        raise RequestFileError(f"{path} cannot be written: {error.strerror}.") from error


def _lines(features: dict[str, Any]) -> str:
    lines = [f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in features.items()]
    return "{\n" + ",\n".join(lines) + "\n }" if lines else "{}"


def _problem(content: Any) -> str | None:
    """The problem with the form of a file's content, None if there is none."""
    if not isinstance(content, dict):
        return "holds no JSON object"
    for side in ("request", "candidates"):
        if side not in content:
            return f"has no {side!r}"
    unknown = sorted(set(content) - {"request", "candidates"})
    if unknown:
        return f"has the unknown key {unknown[0]!r}"
    if not isinstance(content["request"], dict):
        return "has no object of features under 'request'"
    candidates = content["candidates"]
    if isinstance(candidates, list):
        return "has a list under 'candidates' instead of an object with a list for each feature"
    if not isinstance(candidates, dict):
        return "has no object of features under 'candidates'"
    for name, values in candidates.items():
        if not isinstance(values, list):
            return f"has no list with a value for each candidate under 'candidates' for {name!r}"
    if len({len(values) for values in candidates.values()}) > 1:
        lengths = ", ".join(f"{name} {len(values)}" for name, values in candidates.items())
        return f"has lists of different lengths under 'candidates': {lengths}"
    return None
