"""The config section refuses what makes no sense, by name."""

import pytest
from pydantic import ValidationError

from components.ingestion.config import IngestionConfig


def test_one_window_can_be_given_alone():
    config = IngestionConfig.model_validate({"windows_hours": {"stream": 48}})
    assert config.windows_hours.click == 24
    assert config.longest_window_us == 48 * 3_600_000_000


@pytest.mark.parametrize(
    ("seconds", "milliseconds"), [(0, 0), (0.001, 1), (1.001, 1001), (16.001, 16_001), (60, 60_000)]
)
def test_whole_milliseconds_are_seconds_with_three_decimals(seconds, milliseconds):
    assert IngestionConfig(min_stream_seconds=seconds).min_stream_ms == milliseconds


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"windows_hours": {"listen": 24}}, "Extra inputs are not permitted"),
        ({"windows_hours": {"stream": 1e-10}}, "greater than or equal to 0.001"),  # no whole microsecond
        ({"windows_hours": {"stream": 1e12}}, "less than or equal to 87600"),  # more than int64 microseconds
        ({"min_stream_seconds": 1e300}, "less than or equal to 86400"),
        ({"tier_boundaries_hours": [3, 2, 1]}, "give 7 hours, each smaller than the one before"),
        ({"tier_boundaries_hours": [7, 6, 5, 4, 3, 3, 1]}, "give 7 hours, each smaller than the one before"),
        ({"min_stream_seconds": 0.0005}, "whole milliseconds"),
        ({"max_quarantined_fraction": 2}, "less than or equal to 1"),
        ({"window_hours": 24}, "Extra inputs are not permitted"),
    ],
)
def test_what_makes_no_sense_is_refused(values, words):
    with pytest.raises(ValidationError, match=words):
        IngestionConfig.model_validate(values)
