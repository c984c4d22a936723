"""The config section refuses nonsense, by name."""

import pytest
from pydantic import ValidationError

from components.ingestion.config import IngestionConfig
from transforms.config import FeaturesConfig
from transforms.domain import Domain
from transforms.features import FEATURES


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"tier_boundaries_hours": [3, 2, 1]}, "the key tier_boundaries_hours is now tiers.boundaries_hours; move"),
        ({"less_streamed_below": 3}, "the key less_streamed_below is now tiers.less_streamed_below; move"),
        ({"max_quarantined_fraction": 2}, "less than or equal to 1"),
        ({"rate_smoothing": 0}, "greater than 0"),
        ({"windows_hours": {"stream": 24}}, "Extra inputs are not permitted"),  # part of `labels`
    ],
)
def test_a_wrong_value_is_refused(values, words):
    with pytest.raises(ValidationError, match=words):
        IngestionConfig.model_validate(values)


def test_a_setting_without_effect_changes_no_key():
    def key(features, **values):
        return IngestionConfig(**values).for_days(features, Domain())

    without_rates = FeaturesConfig(without=("*_rate_30d",)).table()
    assert key(FEATURES) == key(FEATURES, max_quarantined_fraction=0.5)
    assert key(FEATURES) != key(FEATURES, rate_smoothing=3)
    assert key(without_rates) == key(without_rates, rate_smoothing=3)
