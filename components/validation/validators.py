"""The two comparisons of distributions: against the last run, and test against train."""

from tfx import types
from tfx.components.distribution_validator.component import DistributionValidator

from components.validation.comparators import validator_config
from components.validation.config import Thresholds, ValidationConfig
from transforms.feature import Feature


def drift_validator(
    statistics: types.BaseChannel,
    last_statistics: types.BaseChannel,
    features: tuple[Feature, ...],
    config: ValidationConfig,
) -> DistributionValidator:
    """This run's train split against `last_statistics`; passes where there are none."""
    return _validator(statistics, last_statistics.as_optional(), features, config.drift, ("train", "train"))


def train_test_validator(
    statistics: types.BaseChannel, features: tuple[Feature, ...], config: ValidationConfig
) -> DistributionValidator:
    """This run's test split against its train split."""
    return _validator(statistics, statistics, features, config.train_test, ("test", "train"))


def _validator(
    statistics: types.BaseChannel,
    baseline: types.BaseChannel,
    features: tuple[Feature, ...],
    thresholds: Thresholds,
    pair: tuple[str, str],
) -> DistributionValidator:
    return DistributionValidator(
        statistics=statistics,
        baseline_statistics=baseline,
        config=validator_config(features, thresholds),
        include_split_pairs=[pair],
    )
