from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf

from models.errors import TrainingError
from models.prepared_rows import PreparedRows
from models.training.read_split import read_split
from tests.labelled_rows import random_labelled
from transforms.domain import DEFAULT_LABELS
from transforms.examples import to_examples, write_examples

ROWS = 300
LABELS, SOURCES = tuple(DEFAULT_LABELS), ("ad", "promotion")


@pytest.fixture(scope="module")
def labelled() -> pa.Table:
    return random_labelled(ROWS, seed=5)


@pytest.fixture(scope="module")
def pattern(labelled: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("Split-train")
    for number, piece in enumerate(np.array_split(to_examples(labelled), 3)):
        write_examples(piece, str(folder / f"examples-{number:05d}.tfrecord.gz"))
    return str(folder / "*")


def pack(serialized: tf.Tensor) -> Mapping[str, tf.Tensor]:
    """Stands in for the Transform graph: the streams as an id, the number of the impression as a float."""
    spec = {
        "tier_streams": tf.io.FixedLenFeature([1], tf.int64),
        "impression_id": tf.io.FixedLenFeature([1], tf.string),
    }
    parsed = tf.io.parse_example(serialized, spec)
    number = tf.strings.to_number(tf.strings.substr(parsed["impression_id"], 1, -1))
    return {"ids": tf.cast(parsed["tier_streams"], tf.int32), "floats": number}


def read(
    pattern: str,
    folder: Path,
    *,
    wanted: tuple[str, ...] = SOURCES,
    labels: tuple[str, ...] = LABELS,
    memory: int = 10**6,
) -> PreparedRows:
    return read_split(
        [pattern],
        pack,
        split="train",
        label_names=labels,
        source_names=SOURCES,
        wanted=wanted,
        memory=memory,
        folder=lambda: folder,
    )


def test_rows_come_in_the_order_of_the_files_with_labels_and_source(
    labelled: pa.Table, pattern: str, tmp_path: Path
) -> None:
    rows = read(pattern, tmp_path)
    np.testing.assert_array_equal(rows.floats[:, 0], np.arange(ROWS))
    np.testing.assert_array_equal(rows.ids[:, 0], labelled["tier_streams"].to_numpy())
    for column, label in enumerate(LABELS):
        np.testing.assert_array_equal(rows.labels[:, column], labelled[label].to_numpy())
    assert [SOURCES[code] for code in rows.source] == labelled["source"].to_pylist()


def test_rows_larger_than_memory_are_mapped_files(pattern: str, tmp_path: Path) -> None:
    small, large = read(pattern, tmp_path), read(pattern, tmp_path, memory=1)
    assert not isinstance(small.floats, np.memmap)
    assert isinstance(large.floats, np.memmap)
    np.testing.assert_array_equal(small.floats, large.floats)
    np.testing.assert_array_equal(small.labels, large.labels)


def test_rows_of_other_sources_are_left_out(labelled: pa.Table, pattern: str, tmp_path: Path) -> None:
    rows = read(pattern, tmp_path, wanted=("promotion",))
    expected = [number for number, source in enumerate(labelled["source"].to_pylist()) if source == "promotion"]
    np.testing.assert_array_equal(rows.floats[:, 0], expected)
    assert set(rows.source) == {SOURCES.index("promotion")}


def test_only_the_labels_of_the_recipe_are_read(labelled: pa.Table, pattern: str, tmp_path: Path) -> None:
    rows = read(pattern, tmp_path, labels=("like", "stream"))
    assert rows.label_names == ("like", "stream")
    np.testing.assert_array_equal(rows.label("like"), labelled["like"].to_numpy())
    np.testing.assert_array_equal(rows.labels[:, 1], labelled["stream"].to_numpy())


def test_a_split_without_rows_of_the_recipe_s_sources_is_an_error(labelled: pa.Table, tmp_path: Path) -> None:
    ads = labelled.filter(pa.compute.equal(labelled["source"], "ad"))
    write_examples(to_examples(ads), str(tmp_path / "examples-00000.tfrecord.gz"))
    with pytest.raises(TrainingError, match="the train split has no rows of source 'promotion'"):
        read(str(tmp_path / "*"), tmp_path, wanted=("promotion",))
    with pytest.raises(TrainingError, match="no rows"):
        read(str(tmp_path / "nothing*"), tmp_path)
