"""The scores of every test row, which the Evaluator keeps as Parquet files. Later questions need no model.

Usage:

    scores = read_scores(uri)          # the artifact `scores` of a BranchEvaluator
    scores.score("ad_stream")          # one score for each row of `scores.rows`
    scores.last_blessed                # the same rows, scored by the last blessed model; None if there was none
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.io.filesystems import FileSystems
from numpy.typing import NDArray

from components.evaluation.config import BASELINE, CANDIDATE
from components.evaluation.errors import EvaluationError
from components.evaluation.settings import EvaluatedHead
from files.storage import open_file

FILES = "scores"
"""How the names of the files begin."""

_ABOUT = b"coldcast"  # the key of the schema's metadata


@dataclass(frozen=True)
class About:
    """The heads and sources of an evaluation, kept in the metadata of its scores.

    Attributes:
        heads: the judged heads, in the recipe's order, each with its label and the sources that it is measured on.
        sources: every source of the config, in its order.
        min_positives: with fewer positives, a figure is marked as not judged.
    """

    heads: tuple[EvaluatedHead, ...]
    sources: tuple[str, ...]
    min_positives: int

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the heads predict, each once."""
        return tuple(dict.fromkeys(head.label for head in self.heads))


@dataclass(frozen=True, eq=False)
class Scores:
    """The scores of one model on the test rows.

    Attributes:
        about: heads, sources, and the least positives of a judged figure.
        rows: one row an impression, in the order of `impression_id`; columns as in docs/model.md#scores.
        model: `candidate`, or `baseline` for the last blessed model.
    """

    about: About
    rows: pl.DataFrame
    model: str = CANDIDATE

    def score(self, head: str) -> NDArray[np.float32]:
        """The scores of a head, [n]."""
        return self.rows[score_column(self.model, head)].to_numpy()

    def label(self, label: str) -> NDArray[np.int8]:
        """The outcomes, 0 or 1, [n]."""
        return self.rows[label_column(label)].to_numpy()

    def heads_for(self, label: str, source: str) -> tuple[str, ...]:
        """The heads that are measured on `source` for `label`, in the recipe's order; empty if there is none."""
        return tuple(head.name for head in self.about.heads if head.label == label and source in head.sources)

    @property
    def last_blessed(self) -> "Scores | None":
        """The last blessed model's scores of the same rows; None if the Evaluator did not compare with one."""
        heads = tuple(head for head in self.about.heads if score_column(BASELINE, head.name) in self.rows.columns)
        return Scores(replace(self.about, heads=heads), self.rows, BASELINE) if heads else None


def score_column(model: str, head: str) -> str:
    """The column of a model's scores, such as `candidate.ad_stream`."""
    return f"{model}.{head}"


def label_column(label: str) -> str:
    """The column of a label, such as `label.stream`."""
    return f"label.{label}"


def with_about(schema: pa.Schema, about: About) -> pa.Schema:
    """A Parquet file's schema with `about` in its metadata."""
    return schema.with_metadata({_ABOUT: json.dumps(asdict(about)).encode()})


def read_scores(uri: str, columns: Sequence[str] | None = None) -> Scores:
    """Reads the artifact in the folder `uri`.

    Args:
        uri: the folder.
        columns: the columns to read, to save memory; `impression_id` is always read. None: all.

    Raises:
        EvaluationError: the folder holds no scores.
    """
    wanted = None if columns is None else list(dict.fromkeys(["impression_id", *columns]))
    tables = []
    for path in _files(uri):
        with open_file(path) as file:
            tables.append(pq.read_table(file, columns=wanted))
    about = _about(tables[0].schema)
    rows = pl.DataFrame(pl.from_arrow(pa.concat_tables(tables)))
    return Scores(about, rows.sort("impression_id"))


def read_compared(uri: str, columns: Sequence[str] = ()) -> Scores:
    """Reads only the columns that the second side of `components/evaluation/paired/compare.py` needs, to save memory.

    These are each head's scores by the model itself, and the outcomes.

    Args:
        uri: the folder of the artifact.
        columns: further columns; the first side needs `user_id`, and the columns of its slices.

    Raises:
        EvaluationError: the folder holds no scores.
    """
    about = read_about(uri)
    scores = [score_column(CANDIDATE, head.name) for head in about.heads]
    return read_scores(uri, [*map(label_column, about.labels), *scores, *columns])


def read_about(uri: str) -> About:
    """Reads the `About` of the scores in the folder `uri`, and no row.

    Raises:
        EvaluationError: the folder holds no scores.
    """
    with open_file(_files(uri)[0]) as file:
        return _about(pq.read_schema(file))


def _files(uri: str) -> list[str]:
    """The files of an artifact, in order."""
    (match,) = FileSystems.match([f"{uri.rstrip('/')}/{FILES}-*.parquet"])
    if not match.metadata_list:
        raise EvaluationError(
            f"{uri} has no file {FILES}-*.parquet: it was removed, or an Evaluator did not write the folder; run the "
            "pipeline again."
        )
    return sorted(file.path for file in match.metadata_list)


def _about(schema: pa.Schema) -> About:
    values = json.loads(schema.metadata[_ABOUT])
    heads = tuple(EvaluatedHead(head["name"], head["label"], tuple(head["sources"])) for head in values["heads"])
    return About(heads, tuple(values["sources"]), values["min_positives"])
