from pathlib import Path

import pyarrow as pa
import tensorflow as tf

from transforms.examples import to_examples, write_examples

TABLE = pa.table(
    {
        "device": ["phone", None],
        "stream": pa.array([1, 0], pa.int64()),
        "age": pa.array([None, 2.5], pa.float32()),
        "genres": pa.array([["a", "b"], None], pa.list_(pa.string())),
        "timestamp": pa.array([1_500_000, 0], pa.timestamp("us", tz="UTC")),
    }
)


def parsed(example: bytes) -> dict[str, list]:
    features = tf.train.Example.FromString(example).features.feature
    return {
        name: list(getattr(value, value.WhichOneof("kind")).value)
        for name, value in features.items()
        if value.WhichOneof("kind")
    }


def test_each_row_is_an_example_in_which_a_null_is_absent() -> None:
    first, second = map(parsed, to_examples(TABLE))
    assert first == {"device": [b"phone"], "stream": [1], "genres": [b"a", b"b"], "timestamp": [1_500_000]}
    assert second == {"stream": [0], "age": [2.5], "timestamp": [0]}


def test_columns_of_several_chunks_and_of_none_are_taken() -> None:
    assert [*map(parsed, to_examples(pa.concat_tables([TABLE, TABLE])))] == 2 * [*map(parsed, to_examples(TABLE))]
    assert len(to_examples(TABLE.schema.empty_table())) == 0


def test_written_examples_are_gzipped_records(tmp_path: Path) -> None:
    write_examples(to_examples(TABLE), str(tmp_path / "examples.gz"))
    records = tf.data.TFRecordDataset(str(tmp_path / "examples.gz"), compression_type="GZIP")
    assert [*map(parsed, records.as_numpy_iterator())] == [*map(parsed, to_examples(TABLE))]
