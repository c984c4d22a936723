"""Examples as Arrow record batches, parsed by TensorFlow's fast parser.

tfx_bsl's decoder finds the features by itself and takes several times as long (docs/performance.md). Here the schema
names them, so a feature that is not in the schema is not read.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2

BATCH = 4096

_TYPES = {
    schema_pb2.BYTES: (tf.string, pa.binary()),
    schema_pb2.INT: (tf.int64, pa.int64()),
    schema_pb2.FLOAT: (tf.float32, pa.float32()),
}


def read_batches(path: str, types: Mapping[str, int], batch: int = BATCH) -> Iterator[pa.RecordBatch]:
    """The rows of one gzipped TFRecord file of tf.Examples.

    Args:
        path: the file.
        types: `schema_pb2.FeatureType` by feature (`feature_types`).
        batch: most rows of a record batch.

    Yields:
        Record batches with a list column a feature; a row without the feature is null.
    """
    spec = {name: tf.io.RaggedFeature(_TYPES[type_][0], row_splits_dtype=tf.int32) for name, type_ in types.items()}
    records = tf.data.TFRecordDataset(path, compression_type="GZIP").batch(batch)
    examples = records.map(lambda serialized: tf.io.parse_example(serialized, spec), num_parallel_calls=2)
    for parsed in examples.prefetch(1):  # parsed while the last batch is counted
        yield pa.RecordBatch.from_arrays(
            [_lists(parsed[name], _TYPES[type_][1]) for name, type_ in types.items()], names=list(types)
        )


def feature_types(schema: schema_pb2.Schema) -> dict[str, int]:
    """The type of each feature of the schema, in its order."""
    return {feature.name: feature.type for feature in schema.feature}


def _lists(ragged: tf.RaggedTensor, type_: pa.DataType) -> pa.ListArray:
    offsets = ragged.row_splits.numpy()
    empty = np.append(np.diff(offsets) == 0, False)
    return pa.ListArray.from_arrays(pa.array(offsets, mask=empty), pa.array(ragged.values.numpy(), type_))
