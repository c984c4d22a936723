"""A request for one user with many candidates: sampled from a run's test split, or read from a JSON file."""

import glob
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from models.signatures import CANDIDATES
from models.tasks import TASKS
from pipeline.configuration.config import Config
from pipeline.runs import newest_output
from pipeline.terminal.fitting import TableColumn, show_columns
from serving.client import Client
from transforms.feature import Feature

_ROWS_LOOKED_AT = 5_000
_SHOWN = 10


class RequestError(ValueError):
    """There is nothing to score, or a request file does not say what."""


@dataclass(frozen=True)
class Request:
    """Features by name; a value is a string, a number or a list, None where missing.

    Attributes:
        request: features of the user and the context, one value each.
        candidates: for each candidate, its own features.
    """

    request: dict[str, Any]
    candidates: list[dict[str, Any]]


def sample_request(config: Config, client: Client) -> Request:
    """The user with most impressions among the first of the newest test split, with those as candidates.

    Args:
        config: says which runs and features there are.
        client: asked which features the served model takes, since an older model may take others.

    Raises:
        RunsError: no run got as far as a test split.
        RequestError: the rows of that split are gone.
    """
    import tensorflow as tf

    examples = newest_output(config, "TemporalSplit", "examples")
    files = sorted(glob.glob(f"{examples}/Split-test/*"))
    records = tf.data.TFRecordDataset(files, compression_type="GZIP").take(_ROWS_LOOKED_AT).as_numpy_iterator()
    rows = [tf.train.Example.FromString(record).features.feature for record in records]
    if not rows:
        raise RequestError(f"{examples} has no test rows any more to sample a user from; run the pipeline again")
    user, _ = Counter(row["user_id"].bytes_list.value[0] for row in rows).most_common(1)[0]
    theirs = [row for row in rows if row["user_id"].bytes_list.value[0] == user]
    taken = client.metadata().signatures[CANDIDATES].inputs
    inputs = [feature for feature in config.features.table() if feature.name in taken]
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
        given = json.loads(path.read_text(encoding="utf-8"))
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
    path.write_text(
        json.dumps({"request": request.request, "candidates": request.candidates}, indent=1) + "\n", encoding="utf-8"
    )


def score_and_show(request: Request, client: Client, console: Console) -> None:
    """Scores `request` on the server of `client` and prints a table, the best stream first."""
    names = dict.fromkeys(name for candidate in request.candidates for name in candidate)
    columns = {name: [candidate.get(name) for candidate in request.candidates] for name in names}
    scores = client.score_candidates(request.request, columns)
    heads = [task for task in TASKS if task in scores]
    best = next((head for head in heads if TASKS[head].label == "stream"), heads[0])
    order = (-scores[best]).argsort(kind="stable")[:_SHOWN]
    chosen = [request.candidates[row] for row in order]
    show_columns(
        console,
        [
            TableColumn("show_id", [str(candidate.get("show_id") or "") for candidate in chosen]),
            TableColumn("slot", [str(candidate.get("slot") or "") for candidate in chosen], rank=2),
            *(
                TableColumn(head, [f"{scores[head][row]:.4f}" for row in order], right=True, rank=int(head != best))
                for head in heads
            ),
        ],
        title=_title(min(len(request.candidates), _SHOWN), len(request.candidates), best, client),
    )


def _title(shown: int, asked: int, head: str, client: Client) -> str:
    version = client.metadata().version
    return f"The {shown} best of {asked} candidates for one user by {head}, scored over gRPC by version {version}"


def _value(row: Any, feature: Feature) -> Any:
    kind = row[feature.name].WhichOneof("kind") if feature.name in row else None
    if kind is None:
        return None
    field = row[feature.name]
    values = [value.decode() if isinstance(value, bytes) else value for value in getattr(field, kind).value]
    if feature.kind in ("categories", "vector"):
        return values
    return values[0] if values else None
