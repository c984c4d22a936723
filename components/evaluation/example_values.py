"""The values of decoded tf.Examples (Arrow record batches) as arrays, one value a row."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import tensorflow_model_analysis as tfma
from numpy.typing import NDArray

from components.evaluation.errors import EvaluationError


def example_values(batches: list[pa.RecordBatch], name: str, *, optional: bool = False) -> NDArray:
    """The value of the feature `name` in each row of all `batches`; b"" where a row lacks an `optional` text.

    Raises:
        EvaluationError: if a row has several values, or none and the feature is not `optional` or holds numbers.
    """
    return np.concatenate([_values(batch, name, optional=optional) for batch in batches])


def example_numbers(batches: list[pa.RecordBatch], name: str) -> NDArray[np.float64]:
    """The number of the feature `name` in each row of all `batches`; NaN where a row lacks it."""
    return np.concatenate([_numbers(batch, name) for batch in batches])


def serialized_examples(batches: list[pa.RecordBatch]) -> NDArray[np.object_]:
    """The raw tf.Examples, an object array of bytes."""
    return example_values(batches, tfma.constants.ARROW_INPUT_COLUMN)


def _values(batch: pa.RecordBatch, name: str, *, optional: bool) -> NDArray:
    index = batch.schema.get_field_index(name)
    if index < 0 or batch.column(index).null_count == batch.num_rows > 0:  # no row of the batch has it
        if optional:
            return np.full(batch.num_rows, b"", object)
        raise EvaluationError(f"No example of a batch has the feature {name!r}; labels, source and tier are needed.")
    column = batch.column(index)
    values = column.flatten()
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
    if optional and lengths.max(initial=0) <= 1 and not pa.types.is_primitive(values.type):
        filled = np.full(batch.num_rows, b"", object)
        filled[lengths == 1] = values.to_numpy(zero_copy_only=False)
        return filled
    if (lengths != 1).any():
        raise EvaluationError(
            f"Feature {name!r} has {len(values)} values in {batch.num_rows} examples; every example must have one."
        )
    return values.to_numpy(zero_copy_only=False)


def _numbers(batch: pa.RecordBatch, name: str) -> NDArray[np.float64]:
    numbers = np.full(batch.num_rows, np.nan)
    index = batch.schema.get_field_index(name)
    if index >= 0 and not pa.types.is_null(batch.column(index).type):
        column = batch.column(index)
        lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
        numbers[lengths == 1] = column.flatten().to_numpy(zero_copy_only=False)[(np.cumsum(lengths) - 1)[lengths == 1]]
    return numbers
