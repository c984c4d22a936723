"""Values of decoded examples as arrays: a required feature has a value in every row, an optional one may lack it."""

import pyarrow as pa
import pytest

from components.evaluation.errors import EvaluationError
from components.evaluation.example_values import example_values

TEXTS = pa.large_list(pa.large_binary())


def batch(values: list, kind: pa.DataType = TEXTS) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(values, kind)], ["device"])


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([[b"tv"], None, []], TEXTS, [b"tv", b"", b""]),
        ([None, None], TEXTS, [b"", b""]),  # a type, and no value
        ([None, None], pa.null(), [b"", b""]),
    ],
)
def test_a_missing_text_is_empty_if_it_is_optional_and_an_error_otherwise(
    values: list, kind: pa.DataType, expected: list[bytes]
) -> None:
    assert example_values([batch(values, kind)], "device", optional=True).tolist() == expected
    with pytest.raises(EvaluationError, match="device"):
        example_values([batch(values, kind)], "device")


def test_an_optional_feature_may_be_in_some_batches_only() -> None:
    without = pa.RecordBatch.from_arrays([pa.array([[1]], pa.large_list(pa.int64()))], ["other"])
    assert example_values([batch([[b"tv"]]), without], "device", optional=True).tolist() == [b"tv", b""]


@pytest.mark.parametrize(("values", "kind"), [([[b"tv", b"web"]], TEXTS), ([[1], None], pa.large_list(pa.int64()))])
def test_several_values_and_missing_numbers_are_errors_even_if_optional(values: list, kind: pa.DataType) -> None:
    with pytest.raises(EvaluationError, match="every example must have one"):
        example_values([batch(values, kind)], "device", optional=True)
