"""The fast reader reads the same values as tfx_bsl's decoder."""

from pathlib import Path

import pyarrow as pa
import tensorflow as tf
from tfx_bsl.coders import example_coder

from components.validation.reading import feature_types, read_batches
from tests.labelled_rows import random_labelled
from transforms.domain import Domain
from transforms.example_schema import build_schema
from transforms.examples import to_examples, write_examples
from transforms.features import FEATURES


def _written(folder: Path, rows: int) -> str:
    path = str(folder / "examples-00000.tfrecord.gz")
    write_examples(to_examples(random_labelled(rows)), path)
    return path


def test_values_and_missing_values_are_those_of_the_decoder(tmp_path):
    path = _written(tmp_path, 300)
    types = feature_types(build_schema(FEATURES, Domain()))
    (batch,) = read_batches(path, types)
    serialized = list(tf.data.TFRecordDataset(path, "GZIP").as_numpy_iterator())
    expected = example_coder.ExamplesToRecordBatchDecoder().DecodeBatch(serialized)
    assert batch.num_rows == 300
    for name in types:
        theirs = [values or None for values in expected.column(name).to_pylist()]
        assert batch.column(name).to_pylist() == theirs, name


def test_batches_hold_all_rows_in_order(tmp_path):
    batches = list(read_batches(_written(tmp_path, 250), {"impression_id": 1}, batch=100))
    assert [batch.num_rows for batch in batches] == [100, 100, 50]
    ids = pa.Table.from_batches(batches)["impression_id"].to_pylist()
    assert ids == [[f"i{number:08d}".encode()] for number in range(250)]


def test_a_feature_that_no_example_has_is_missing_everywhere(tmp_path):
    (batch,) = read_batches(_written(tmp_path, 5), {"nowhere": 3})
    assert batch.column("nowhere").to_pylist() == [None] * 5
