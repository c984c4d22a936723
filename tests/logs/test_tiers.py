"""The section `tiers`, and the columns that reports make of hours and streams (docs/data.md#stream-tiers)."""

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from logs.config import TiersConfig
from logs.tiers import tier_columns, with_tiers

HOUR = 3_600_000
TIERS = TiersConfig(boundaries_hours=(7, 6, 5, 4, 3, 2, 1), less_streamed_below=10)


@pytest.mark.parametrize("boundaries", [[3, 2, 1], [7, 6, 5, 4, 3, 3, 1]])
def test_boundaries_are_seven_and_fall(boundaries: list[float]) -> None:
    with pytest.raises(ValidationError, match="give 7 hours, each smaller than the one before"):
        TiersConfig(boundaries_hours=boundaries)


def test_hours_equal_to_a_boundary_are_not_below_it() -> None:
    columns = tier_columns(np.array([7 * HOUR, 7 * HOUR - 1, HOUR, HOUR - 1, 0]), np.array([0, 9, 10, 11, 10]), TIERS)
    assert columns["stream_tier"].tolist() == [0, 1, 6, 7, 7]
    assert columns["less_streamed"].tolist() == [1, 1, 0, 0, 0]


def test_the_columns_stand_behind_those_that_they_follow_from() -> None:
    table = pa.table({"a": [1], "tier_ms": [4 * HOUR], "tier_streams": [3], "b": [2]})
    assert with_tiers(table, TIERS).to_pylist() == [
        {"a": 1, "tier_ms": 4 * HOUR, "tier_streams": 3, "stream_tier": 3, "less_streamed": 1, "b": 2}
    ]
    assert with_tiers(table.slice(0, 0), TIERS).num_rows == 0
