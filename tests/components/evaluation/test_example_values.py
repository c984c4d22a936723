"""Columns of decoded examples as arrays: required ones have a value in every row, optional ones may lack it."""

import pyarrow as pa
import pytest

from components.evaluation.columns import column_values
from components.evaluation.errors import EvaluationError

TEXTS = pa.large_list(pa.large_binary())


def batch(values: list, kind: pa.DataType = TEXTS) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(values, kind)], ["device"])


@pytest.mark.parametrize(
    ("values", "kind", "read"),
    [
        ([[b"tv"], None, []], TEXTS, [b"tv", b"", b""]),
        ([None, None], TEXTS, [b"", b""]),  # a type, and no value
        ([None, None], pa.null(), [b"", b""]),
    ],
)
def test_a_text_that_a_row_lacks_is_empty_where_it_is_optional_and_else_refused(
    values: list, kind: pa.DataType, read: list[bytes]
) -> None:
    assert column_values([batch(values, kind)], "device", optional=True).tolist() == read
    with pytest.raises(EvaluationError, match="device"):
        column_values([batch(values, kind)], "device")


def test_an_optional_column_may_be_in_some_batches_alone() -> None:
    without = pa.RecordBatch.from_arrays([pa.array([[1]], pa.large_list(pa.int64()))], ["other"])
    assert column_values([batch([[b"tv"]]), without], "device", optional=True).tolist() == [b"tv", b""]


@pytest.mark.parametrize(("values", "kind"), [([[b"tv", b"web"]], TEXTS), ([[1], None], pa.large_list(pa.int64()))])
def test_several_values_and_missing_numbers_are_refused_though_optional(values: list, kind: pa.DataType) -> None:
    with pytest.raises(EvaluationError, match="every example must have one"):
        column_values([batch(values, kind)], "device", optional=True)
