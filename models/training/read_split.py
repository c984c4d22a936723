"""Reads a split of examples through the Transform graph once, into arrays that training reads at the speed of memory.

Parsing and transforming a row costs several times its share of a training step. They run once, in large batches, and
not in every epoch, and the artifacts need no room for transformed features.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import tensorflow as tf

from models.errors import TrainingError
from models.prepared_rows import PreparedRows, RowStore

Pack = Callable[[tf.Tensor], Mapping[str, tf.Tensor]]
"""From serialized tf.Examples `[n]` to `{"ids": int32 [n, id_width], "floats": float32 [n, float_width]}`."""

_BATCH = 4096


def read_split(
    patterns: Sequence[str],
    pack: Pack,
    *,
    split: str,
    label_names: tuple[str, ...],
    source_names: tuple[str, ...],
    wanted: tuple[str, ...],
    memory: int,
    folder: Callable[[], Path],
) -> PreparedRows:
    """The rows of one split, in the order of its files.

    Args:
        patterns: file patterns of gzipped TFRecords of tf.Example.
        pack: the Transform graph and the layout.
        split: the split's name, for messages.
        label_names: the labels to read, in the order of the columns.
        source_names: the sources, in the order of their codes.
        wanted: sources to keep; rows of others are left out before they are transformed.
        memory: bytes of rows to hold in memory; a larger split lies in memory-mapped files.
        folder: makes the folder for these files.

    Raises:
        TrainingError: no row has a source of `wanted`.
    """
    keys = {
        "source": tf.io.FixedLenFeature([], tf.string),
        **{label: tf.io.FixedLenFeature([], tf.int64) for label in label_names},
    }

    def prepare(serialized: tf.Tensor) -> dict[str, tf.Tensor]:
        parsed = tf.io.parse_example(serialized, keys)
        kept = tf.reduce_any(parsed["source"][:, None] == tf.constant(wanted), axis=1)
        labels = tf.stack([parsed[label] for label in label_names], axis=1)
        packed = pack(tf.boolean_mask(serialized, kept))
        codes = tf.argmax(tf.cast(parsed["source"][:, None] == tf.constant(source_names), tf.int8), axis=1)
        return {
            "ids": packed["ids"],
            "floats": packed["floats"],
            "labels": tf.cast(tf.boolean_mask(labels, kept), tf.int8),
            "source": tf.cast(tf.boolean_mask(codes, kept), tf.int8),
        }

    files = sorted({file for pattern in patterns for file in tf.io.gfile.glob(pattern)})
    examples = tf.data.Dataset.from_tensor_slices(tf.constant(files, tf.string)).flat_map(
        lambda file: tf.data.TFRecordDataset(file, compression_type="GZIP", buffer_size=8 << 20)
    )
    # The graph has no control flow for AutoGraph to convert, and hundreds of functions that it would read.
    prepare = tf.autograph.experimental.do_not_convert(prepare)
    prepared = examples.batch(_BATCH).map(prepare, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
    store = RowStore(memory, folder)
    for piece in prepared.as_numpy_iterator():
        store.add(PreparedRows(**piece, label_names=label_names, source_names=source_names))
    rows = store.finish()
    if rows is None:
        raise TrainingError(
            f"the {split} split has no rows of source {' or '.join(map(repr, wanted))}: take more days into it"
        )
    return rows
