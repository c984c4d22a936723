"""Columns of decoded tf.Examples (Arrow record batches) as arrays."""

import numpy as np
import pyarrow as pa
import tensorflow_model_analysis as tfma
from numpy.typing import NDArray

from components.evaluation.errors import EvaluationError


def column_values(batches: list[pa.RecordBatch], name: str) -> NDArray:
    """One value a row, over all `batches`.

    Raises:
        EvaluationError: if a row has no value, or several.
    """
    return np.concatenate([_values(batch, name) for batch in batches])


def serialized_examples(batches: list[pa.RecordBatch]) -> NDArray[np.object_]:
    """The raw tf.Examples, an object array of bytes."""
    return column_values(batches, tfma.constants.ARROW_INPUT_COLUMN)


def _values(batch: pa.RecordBatch, name: str) -> NDArray:
    index = batch.schema.get_field_index(name)
    if index < 0:
        raise EvaluationError(f"No example of a batch has the feature {name!r}; labels, source and tier are needed.")
    column = batch.column(index)
    values = column.flatten()
    if column.null_count or len(values) != batch.num_rows:
        raise EvaluationError(
            f"Feature {name!r} has {len(values)} values in {batch.num_rows} examples; every example must have one."
        )
    return values.to_numpy(zero_copy_only=False)
