"""The features to compare and their thresholds, as DistributionValidator takes them."""

import json

from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.proto import distribution_validator_pb2

from components.validation.config import Thresholds, TrainTestThresholds, ValidationConfig
from transforms.feature import Feature
from transforms.responses import counts_impressions

_CALENDAR = ("weekday",)  # training and test hold different days of the week


def thresholds_by_feature(features: tuple[Feature, ...], thresholds: Thresholds) -> dict[str, float]:
    """The largest accepted distance of each feature that is compared, in the table's order; none if switched off."""
    if not thresholds.enabled:
        return {}
    chosen = {
        feature.name: thresholds.features.get(feature.name, _default(feature, thresholds)) for feature in features
    }
    return {name: distance for name, distance in chosen.items() if distance is not None}


def validator_config(
    features: tuple[Feature, ...], thresholds: Thresholds
) -> distribution_validator_pb2.DistributionValidatorConfig:
    """One comparator a compared feature.

    Quantile histograms, because the equal-width ones put a heavy tail into their first bucket: two samples of one
    Pareto distribution then differ by up to 0.8, of quantiles by 0.02.
    """
    kinds = {feature.name: feature.storage for feature in features}
    config = distribution_validator_pb2.DistributionValidatorConfig()
    config.default_slice_config.SetInParent()
    for name, distance in thresholds_by_feature(features, thresholds).items():
        compared = config.default_slice_config.feature.add()
        compared.path.step.append(name)
        if kinds[name].packed == "ids":
            compared.distribution_comparator.infinity_norm.threshold = distance
        else:
            divergence = compared.distribution_comparator.jensen_shannon_divergence
            divergence.threshold = distance
            divergence.source.type = schema_pb2.HistogramSelection.QUANTILES
    return config


def missing_bounds(features: tuple[Feature, ...], config: ValidationConfig) -> str:
    """AnomalyGate's `missing`: the largest accepted change of the share of rows that lack a feature, by comparison."""
    return json.dumps(
        {
            section: {
                feature.name: thresholds.missing
                for feature in features
                if thresholds.enabled and _is_compared(feature, thresholds)
            }
            for section, thresholds in (("drift", config.drift), ("train_test", config.train_test))
        }
    )


def _is_compared(feature: Feature, thresholds: Thresholds) -> bool:
    """Whether the shares of rows that lack the feature are compared."""
    if feature.name in thresholds.features:
        return thresholds.features[feature.name] is not None
    return not _grows(feature, thresholds)


def _grows(feature: Feature, thresholds: Thresholds) -> bool:
    """Whether the training split has smaller values just because the impressions begin with it."""
    return isinstance(thresholds, TrainTestThresholds) and counts_impressions(feature)


def _default(feature: Feature, thresholds: Thresholds) -> float | None:
    compared = feature.storage.compared
    if compared is None or feature.name in _CALENDAR or _grows(feature, thresholds):
        return None
    return thresholds.category if compared == "category" else thresholds.numeric
