"""Writes the scores of every test row while TFMA evaluates; `components/evaluation/scores.py` reads them.

Both models score the rows for the metrics anyway, so the files cost no second pass. Beam writes each bundle's rows as
they come, so no step holds them all.
"""

from collections.abc import Iterator
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
import tensorflow_model_analysis as tfma
from apache_beam.io.parquetio import WriteToParquetBatched
from numpy.typing import NDArray

from components.evaluation.config import BASELINE, CANDIDATE
from components.evaluation.keep import Keep
from components.evaluation.paired.slices import FIRST_DAYS, NEW_DAYS, UNSEEN
from components.evaluation.scored_rows import label_of, score_of
from components.evaluation.scores import FILES, About, label_column, score_column, with_about
from components.ingestion.outputs.ids import read_ids
from transforms.labelled import LESS_STREAMED, STREAM_TIER

IMPRESSION, USER, SHOW_AGE = "impression_id", "user_id", "show_age_days"
_TEXTS = (IMPRESSION, USER, "source", *UNSEEN.values())
_INTEGERS = (STREAM_TIER, LESS_STREAMED)


def texts_of(keep: Keep) -> tuple[str, ...]:
    """The texts of the examples that are kept; a row may lack those after the first three."""
    return tuple(dict.fromkeys((*_TEXTS, *keep.sliced)))


class KeepScores(beam.PTransform):
    """Writes the scores in extracts, and passes the extracts on unchanged.

    Args:
        keep: what to keep, and where.
        about: heads, sources, and the least positives of a judged figure.
    """

    def __init__(self, keep: Keep, about: About) -> None:
        super().__init__()
        self._keep, self._about = keep, about

    def expand(self, extracts: beam.PCollection) -> beam.PCollection:
        """Branches off the writing, and returns the extracts unchanged."""
        schema = schema_of(self._keep, self._about)
        _ = (
            extracts
            | "ToTables" >> beam.ParDo(_ToTables(self._keep, self._about, schema))
            | "WriteScores"
            >> WriteToParquetBatched(f"{self._keep.folder}/{FILES}", schema, codec="zstd", file_name_suffix=".parquet")
        )
        return extracts


def schema_of(keep: Keep, about: About) -> pa.Schema:
    """The columns of the files (docs/model.md#scores)."""
    heads = tuple(head.name for head in about.heads)
    fields = [
        *((name, pa.string()) for name in texts_of(keep)),
        *((name, pa.int8()) for name in (*_INTEGERS, *UNSEEN, FIRST_DAYS)),
        *((label_column(label), pa.int8()) for label in about.labels),
        *((score_column(CANDIDATE, head), pa.float32()) for head in heads),
        *((score_column(BASELINE, head), pa.float32()) for head in keep.baseline_heads),
    ]
    return with_about(pa.schema(fields), about)


class _ToTables(beam.DoFn):
    """Extracts of many rows -> an Arrow table with the columns of the files."""

    def __init__(self, keep: Keep, about: About, schema: pa.Schema) -> None:
        self._keep, self._heads, self._schema = keep, about.heads, schema
        self._trained: dict[str, frozenset[bytes]] = {}

    def setup(self) -> None:
        self._trained = read_ids(self._keep.trained_ids)

    def process(self, extracts: tfma.Extracts) -> Iterator[pa.Table]:
        features, labels = extracts[tfma.FEATURES_KEY], extracts[tfma.LABELS_KEY]
        columns: dict[str, Any] = {name: features[name] for name in texts_of(self._keep)}
        columns |= {name: features[name] for name in _INTEGERS}
        columns |= {name: self._unseen(column, features[column]) for name, column in UNSEEN.items()}
        age = features[SHOW_AGE]
        columns[FIRST_DAYS] = None if np.isnan(age).all() else (age < NEW_DAYS).astype(np.int8)
        columns |= {label_column(head.label): label_of(labels, CANDIDATE, head.name) for head in self._heads}
        names = [head.name for head in self._heads]
        for model, heads in ((CANDIDATE, names), (BASELINE, self._keep.baseline_heads)):
            columns |= {
                score_column(model, head): score_of(
                    extracts[tfma.PREDICTIONS_KEY], model, head, names, self._keep.baseline_output
                )
                for head in heads
            }
        rows = len(features[IMPRESSION])
        arrays = [_array(columns[field.name], field.type, rows) for field in self._schema]
        yield pa.Table.from_arrays(arrays, schema=self._schema)

    def _unseen(self, column: str, ids: NDArray) -> NDArray[np.int8] | None:
        """1 where no training row has the row's id, 0 where one has it or the row has none; None if it is not known."""
        trained = self._trained.get(column)
        if trained is None:
            return None
        return np.fromiter((bool(id_) and id_ not in trained for id_ in ids), np.int8, len(ids))


def _array(values: NDArray | None, type_: pa.DataType, rows: int) -> pa.Array:
    """The values as Arrow, all null for None. A text that a row lacks, b"" in the extracts, is null."""
    if values is None:
        return pa.nulls(rows, type_)
    if type_ == pa.string():
        return pa.array(values, pa.binary(), mask=values == b"").cast(type_)
    return pa.array(values).cast(type_)
