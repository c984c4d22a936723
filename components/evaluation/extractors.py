"""TFMA's extractors for many rows at a time, given to TFX's Evaluator as `module_path`.

TFMA's own take every example apart into a dict of all its features, and slice, copy and combine those one by one. Here
a record batch keeps the few columns that metrics and slices need, the model scores thousands of rows at once, and the
rows of equal slices travel together. The metrics see the same numbers either way.
"""

from collections.abc import Iterator
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
import tensorflow_model_analysis as tfma
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue
from numpy.typing import NDArray
from tensorflow_model_analysis.extractors import extractor, predictions_extractor, slice_key_extractor
from tensorflow_model_analysis.proto import config_pb2
from tensorflow_model_analysis.slicer import slicer_lib

from components.evaluation.eval_config import about, kept_by, tiers_of
from components.evaluation.example_values import example_numbers, example_values, serialized_examples
from components.evaluation.read_schema import SOURCE, USER, slice_columns, text_columns
from components.evaluation.score_files import SHOW_AGE, KeepScores
from logs.config import TiersConfig
from logs.tiers import tier_columns
from transforms.labelled import TIER_MS, TIER_STREAMS

ROWS_PER_BATCH = 8_192
"""Rows scored at once: enough that work per batch costs nothing, at some 20 MiB of serialized examples."""

_IN_EACH_ROW = (SOURCE, USER)


def custom_extractors(
    eval_shared_model: Any, eval_config: config_pb2.EvalConfig, tensor_adapter_config: Any = None
) -> list[extractor.Extractor]:
    """The extractors of an evaluation; called by TFX's Evaluator, which fixes name and arguments."""
    del tensor_adapter_config  # only scalar columns are read
    slicing = [slicer_lib.SingleSliceSpec(spec=spec) for spec in eval_config.slicing_specs]
    labels = dict(eval_config.model_specs[0].label_keys)
    keep = kept_by(eval_config)
    numbers = (SHOW_AGE,) if keep else ()
    keeping = [extractor.Extractor("KeepScores", KeepScores(keep, about(eval_config)))] if keep else []
    return [
        extractor.Extractor(
            "ExtractColumns", beam.ParDo(_Columns(text_columns(eval_config), numbers, labels, tiers_of(eval_config)))
        ),
        predictions_extractor.PredictionsExtractor(eval_config=eval_config, eval_shared_model=eval_shared_model),
        *keeping,
        # TFMA's evaluator runs after the stage of this name.
        extractor.Extractor(
            slice_key_extractor.SLICE_KEY_EXTRACTOR_STAGE_NAME,
            beam.ParDo(_GroupBySlices(slice_columns(eval_config), slicing)),
        ),
    ]


class _Columns(beam.DoFn):
    """Record batches of raw examples -> fewer, larger extracts with the columns that metrics and slices need."""

    def __init__(
        self, texts: tuple[str, ...], numbers: tuple[str, ...], labels: dict[str, str], tiers: TiersConfig
    ) -> None:
        self._texts = texts
        self._numbers = numbers
        self._labels = labels
        self._tiers = tiers
        self._batches: list[pa.RecordBatch] = []

    def start_bundle(self) -> None:
        self._batches = []

    def process(self, extracts: tfma.Extracts) -> Iterator[tfma.Extracts]:
        self._batches.append(extracts[tfma.ARROW_RECORD_BATCH_KEY])
        if sum(batch.num_rows for batch in self._batches) >= ROWS_PER_BATCH:
            yield self._extracts()

    def finish_bundle(self) -> Iterator[WindowedValue]:
        if self._batches:
            window = GlobalWindow()
            yield WindowedValue(self._extracts(), window.max_timestamp(), (window,))

    def _extracts(self) -> tfma.Extracts:
        batches, self._batches = self._batches, []
        labels = {column: example_values(batches, column) for column in set(self._labels.values())}
        return {
            tfma.INPUT_KEY: serialized_examples(batches),
            tfma.FEATURES_KEY: {
                column: example_values(batches, column, optional=column not in _IN_EACH_ROW) for column in self._texts
            }
            | {column: example_numbers(batches, column) for column in self._numbers}
            | tier_columns(example_values(batches, TIER_MS), example_values(batches, TIER_STREAMS), self._tiers),
            tfma.LABELS_KEY: {head: labels[column] for head, column in self._labels.items()},
        }


class _GroupBySlices(beam.DoFn):
    """Extracts of many rows -> one for the rows of each combination of sliced values, with its slice keys.

    The slice of all rows gets its rows in an extract of its own, so that metrics of this slice alone read no others.
    """

    def __init__(self, columns: tuple[str, ...], slicing: list[slicer_lib.SingleSliceSpec]) -> None:
        self._columns = columns
        self._slicing = slicing

    def process(self, extracts: tfma.Extracts) -> Iterator[tfma.Extracts]:
        features = {column: extracts[tfma.FEATURES_KEY][column] for column in (*self._columns, USER)}
        columns = {
            tfma.FEATURES_KEY: features,
            tfma.LABELS_KEY: extracts[tfma.LABELS_KEY],
            tfma.PREDICTIONS_KEY: extracts[tfma.PREDICTIONS_KEY],
        }
        overall: list[slicer_lib.SliceKeyType] = []
        for rows in _groups([features[column] for column in self._columns]):
            values = {column: features[column][rows[:1]] for column in self._columns}
            keys = list(dict.fromkeys(slicer_lib.get_slices_for_features_dicts([], values, self._slicing)))
            overall = [key for key in keys if key == ()]
            yield _sliced(_take(columns, rows), [key for key in keys if key != ()])
        if overall:  # every group has it, or none
            yield _sliced(_take(columns, np.arange(len(features[USER]))), overall)


def _sliced(columns: tfma.Extracts, keys: list[slicer_lib.SliceKeyType]) -> tfma.Extracts:
    return {**columns, tfma.SLICE_KEY_TYPES_KEY: slicer_lib.slice_keys_to_numpy_array(keys)}


def _groups(columns: list[NDArray]) -> list[NDArray[np.int64]]:
    """Row numbers of each combination of values."""
    code = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        values, inverse = np.unique(column, return_inverse=True)
        _, code = np.unique(code * len(values) + inverse, return_inverse=True)
    order = np.argsort(code, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(code[order])) + 1)


def _take(values: Any, rows: NDArray[np.int64]) -> Any:
    if isinstance(values, dict):
        return {name: _take(nested, rows) for name, nested in values.items()}
    return np.asarray(values)[rows]
