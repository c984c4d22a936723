"""The config section refuses nonsense, by name."""

import pytest
from pydantic import ValidationError

from components.ingestion.config import IngestionConfig


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"tier_boundaries_hours": [3, 2, 1]}, "give 7 hours, each smaller than the one before"),
        ({"tier_boundaries_hours": [7, 6, 5, 4, 3, 3, 1]}, "give 7 hours, each smaller than the one before"),
        ({"max_quarantined_fraction": 2}, "less than or equal to 1"),
        ({"windows_hours": {"stream": 24}}, "Extra inputs are not permitted"),  # part of `labels`
    ],
)
def test_a_wrong_value_is_refused(values, words):
    with pytest.raises(ValidationError, match=words):
        IngestionConfig.model_validate(values)
