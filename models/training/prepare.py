"""Reads an Examples split through the Transform graph once, into arrays that training then reads at memory speed.

Parsing and transforming cost several times a training step's share of a row; done once, in large batches, they are
paid once and not in every epoch, and the transformed features need no room in the artifacts.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import tensorflow as tf

from models.errors import TrainingError
from models.training.prepared_rows import Rows, RowStore
from transforms.labels import LABELS, SOURCES, Source

Pack = Callable[[tf.Tensor], Mapping[str, tf.Tensor]]
"""From serialized tf.Examples `[n]` to `{"ids": int32 [n, id_width], "floats": float32 [n, float_width]}`."""

MEMORY_BYTES = 4 * 1024**3
"""Larger splits lie in memory-mapped files. No setting: the model is the same, and TFX would hash a setting."""

_BATCH = 4096

_TRAVELLING: dict[str, tf.io.FixedLenFeature] = {
    "source": tf.io.FixedLenFeature([], tf.string),
    **{label: tf.io.FixedLenFeature([], tf.int64) for label in LABELS},
}


def read_rows(
    patterns: Sequence[str],
    pack: Pack,
    *,
    split: str,
    sources: tuple[Source, ...] = SOURCES,
    folder: Callable[[], Path],
) -> Rows:
    """The rows of one split, in the order of its files.

    Args:
        patterns: file patterns of gzipped TFRecords of tf.Example.
        pack: the Transform graph and the layout.
        split: the split's name, for messages.
        sources: rows of other sources are left out before they are transformed.
        folder: makes the folder for the files of rows that are too many for memory.

    Raises:
        TrainingError: there is no row of `sources`.
    """
    wanted = tf.constant(sources)

    def prepare(serialized: tf.Tensor) -> dict[str, tf.Tensor]:
        travelling = tf.io.parse_example(serialized, _TRAVELLING)
        kept = tf.reduce_any(travelling["source"][:, None] == wanted, axis=1)
        labels = tf.stack([travelling[label] for label in LABELS], axis=1)
        packed = pack(tf.boolean_mask(serialized, kept))
        codes = tf.argmax(tf.cast(travelling["source"][:, None] == tf.constant(SOURCES), tf.int8), axis=1)
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
    prepared = examples.batch(_BATCH).map(prepare, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
    store = RowStore(MEMORY_BYTES, folder)
    for piece in prepared.as_numpy_iterator():
        store.add(Rows(**piece))
    rows = store.finish()
    if rows is None:
        raise TrainingError(
            f"the {split} split has no rows of source {' or '.join(map(repr, sources))}: take more days into it"
        )
    return rows
