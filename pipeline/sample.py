"""A sample request, one user of a run's test split with many candidates, and the table of its scores."""

import glob
from collections import Counter
from typing import Any

from rich.console import Console

from models.signatures import CANDIDATES
from pipeline.configuration.config import Config
from pipeline.errors import RunsError
from pipeline.runs import newest_output
from pipeline.terminal.fitting import TableColumn, show_columns
from serving.client.client import Client
from serving.client.request_file import Request
from transforms.domain import STREAM
from transforms.feature import Feature

_ROWS_READ = 5_000
_SHOWN = 10


def sample_request(config: Config, client: Client) -> Request:
    """One user's rows of the newest test split as a request: the user with most rows among the first ones.

    Args:
        config: the config of the runs and the features.
        client: a client of the server, which knows the features of the served model: an older model may take others.

    Raises:
        RunsError: no run got as far as a test split, or the rows of that split are gone.
    """
    import tensorflow as tf

    examples = newest_output(config, "TemporalSplit", "examples")
    files = sorted(glob.glob(f"{examples}/Split-test/*"))
    records = tf.data.TFRecordDataset(files, compression_type="GZIP").take(_ROWS_READ).as_numpy_iterator()
    rows = [tf.train.Example.FromString(record).features.feature for record in records]
    if not rows:
        raise RunsError(f"{examples} no longer has test rows to sample a user from; run the pipeline again")
    user, _ = Counter(row["user_id"].bytes_list.value[0] for row in rows).most_common(1)[0]
    own = [row for row in rows if row["user_id"].bytes_list.value[0] == user]
    inputs = client.metadata().signatures[CANDIDATES].inputs
    features = [feature for feature in config.feature_table if feature.name in inputs]
    return Request(
        request={feature.name: _value(own[0], feature) for feature in features if feature.per == "request"},
        candidates={
            feature.name: [_value(row, feature) for row in own] for feature in features if feature.per == "candidate"
        },
    )


def score_and_show(config: Config, request: Request, client: Client, console: Console) -> None:
    """Scores `request` on the server of `client` and prints a table, sorted by the first head for streams.

    Heads are in the order of the config's tasks; those that the config does not declare come last.
    """
    scores = client.score_candidates(request.request, request.candidates)
    heads = [*(task for task in config.tasks if task in scores), *(head for head in scores if head not in config.tasks)]
    streams = (head for head in heads if head in config.tasks and config.tasks[head].label == STREAM)
    first = next(streams, heads[0])
    order = (-scores[first]).argsort(kind="stable")[:_SHOWN]
    shown = {name: _texts(request, name, order) for name in ("show_id", "slot")}
    show_columns(
        console,
        [
            TableColumn("show_id", shown["show_id"]),
            TableColumn("slot", shown["slot"], rank=2),
            *(
                TableColumn(head, [f"{scores[head][row]:.4f}" for row in order], right=True, rank=int(head != first))
                for head in heads
            ),
        ],
        title=f"The {len(order)} best of {len(scores[first])} candidates for one user by {first}, scored over gRPC by "
        f"version {client.metadata().version}",
    )


def _texts(request: Request, name: str, rows: Any) -> list[str]:
    """A feature of the candidates in these rows as texts, empty where it is missing."""
    values = request.candidates.get(name)
    return ["" if values is None or values[row] is None else str(values[row]) for row in rows]


def _value(row: Any, feature: Feature) -> Any:
    """A feature of a tf.Example: a value or a list, None if it is missing."""
    kind = row[feature.name].WhichOneof("kind") if feature.name in row else None
    if kind is None:
        return None
    values = [value.decode() if isinstance(value, bytes) else value for value in getattr(row[feature.name], kind).value]
    if feature.storage.several:
        return values
    return values[0] if values else None
