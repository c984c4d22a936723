"""A request for one user with many candidates: sampled from a run's test split, or read from a JSON file."""

import glob
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from models.tasks import TASKS
from pipeline.config import Config
from pipeline.runs import find_run
from serving.config import ServingConfig
from transforms.config import features_of
from transforms.features import Feature

_ROWS_LOOKED_AT = 5_000


class RequestError(ValueError):
    """A request file does not say what to score."""


@dataclass(frozen=True)
class Request:
    """Features by name; a value is a string, a number or a list, None where missing.

    Attributes:
        request: features of the user and the context, one value each.
        candidates: for each candidate, its own features.
    """

    request: dict[str, Any]
    candidates: list[dict[str, Any]]


def sample_request(config: Config) -> Request:
    """The user with most impressions among the first of the newest run's test split, with those as candidates."""
    import tensorflow as tf

    (examples,) = find_run(config.metadata).outputs("TemporalSplit", "examples")
    files = sorted(glob.glob(f"{examples}/Split-test/*"))
    records = tf.data.TFRecordDataset(files, compression_type="GZIP").take(_ROWS_LOOKED_AT).as_numpy_iterator()
    rows = [tf.train.Example.FromString(record).features.feature for record in records]
    user, _ = Counter(row["user_id"].bytes_list.value[0] for row in rows).most_common(1)[0]
    theirs = [row for row in rows if row["user_id"].bytes_list.value[0] == user]
    inputs = features_of(config.all_recipes[config.recipe], config.features)
    return Request(
        request={feature.name: _value(theirs[0], feature) for feature in inputs if feature.per == "request"},
        candidates=[
            {feature.name: _value(row, feature) for feature in inputs if feature.per == "candidate"} for row in theirs
        ],
    )


def load_request(path: Path) -> Request:
    """Reads what `save_request` writes.

    Raises:
        RequestError: if the file cannot be read or lacks `request` or `candidates`.
    """
    try:
        given = json.loads(path.read_text())
        return Request(
            request=dict(given["request"]), candidates=[dict(candidate) for candidate in given["candidates"]]
        )
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise RequestError(
            f'{path} is no request; write {{"request": {{...}}, "candidates": [{{...}}]}}, '
            "or have one written by `coldcast score --save`"
        ) from None


def save_request(request: Request, path: Path) -> None:
    """Writes `request` as JSON that a person can edit."""
    path.write_text(json.dumps({"request": request.request, "candidates": request.candidates}, indent=1) + "\n")


def score_and_show(request: Request, config: ServingConfig, features: tuple[Feature, ...], console: Console) -> None:
    """Scores `request` on the running server and prints a table, the best stream first.

    Args:
        request: one user and the candidates.
        config: where the server is.
        features: the feature table, which says what is one value a request.
        console: the screen.
    """
    from serving.client import Client

    names = dict.fromkeys(name for candidate in request.candidates for name in candidate)
    columns = {name: [candidate.get(name) for candidate in request.candidates] for name in names}
    with Client(config, features=features) as client:
        scores = client.score_candidates(request.request, columns)
    heads = [task for task in TASKS if task in scores]
    best = next((head for head in heads if head.endswith("stream")), heads[0])
    table = Table(title=f"{len(request.candidates)} candidates for one user, scored by {config.model_name}")
    for name in ("show_id", "slot"):
        table.add_column(name)
    for head in heads:
        table.add_column(head, justify="right")
    for row in (-scores[best]).argsort(kind="stable")[:10]:
        candidate = request.candidates[row]
        described = (str(candidate.get(name) or "") for name in ("show_id", "slot"))
        table.add_row(*described, *(f"{scores[head][row]:.4f}" for head in heads))
    console.print(table)


def _value(row: Any, feature: Feature) -> Any:
    kind = row[feature.name].WhichOneof("kind") if feature.name in row else None
    if kind is None:
        return None
    field = row[feature.name]
    values = [value.decode() if isinstance(value, bytes) else value for value in getattr(field, kind).value]
    if feature.kind in ("categories", "vector"):
        return values
    return values[0] if values else None
