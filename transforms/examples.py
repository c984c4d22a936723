"""Labelled impressions as serialized tf.Examples, a whole Arrow table at a time."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import tensorflow as tf
from tfx_bsl.coders import example_coder

_SCALARS = {pa.string(): pa.large_binary(), pa.float32(): pa.float32(), pa.int64(): pa.int64()}


def to_examples(labelled: pa.Table) -> np.ndarray:
    """Serializes each row without its null features; a timestamp becomes int64 microseconds.

    Args:
        labelled: a table of `transforms.labelled.labelled_schema`.

    Returns:
        Object array of bytes, one serialized tf.Example per row.
    """
    columns = [_as_lists(column.combine_chunks()) for column in labelled.columns]
    batch = pa.RecordBatch.from_arrays(columns, names=labelled.column_names)
    return np.asarray(example_coder.RecordBatchToExamples(batch), dtype=object)


def write_examples(serialized: Iterable[bytes], path: str) -> None:
    """Writes gzipped TFRecords, the format of TFX's Examples artifacts, to `path`."""
    options = tf.io.TFRecordOptions(compression_type="GZIP", compression_level=1)
    with tf.io.TFRecordWriter(path, options) as writer:
        for example in serialized:
            writer.write(example)


def _as_lists(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):  # combine_chunks returns one for columns of no or several chunks
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    if pa.types.is_list(column.type):
        return column.cast(pa.list_(_SCALARS[column.type.value_type]))
    values = column.drop_null().cast(_SCALARS[column.type])
    offsets = np.concatenate([[0], np.cumsum(column.is_valid().to_numpy(zero_copy_only=False))]).astype(np.int32)
    return pa.ListArray.from_arrays(
        pa.array(offsets, mask=np.append(column.is_null().to_numpy(zero_copy_only=False), False)), values
    )
