"""Anomalies as phrases a person can act on; pure functions over TFDV's protos."""

from collections.abc import Mapping
from typing import NamedTuple

from tensorflow_metadata.proto.v0 import anomalies_pb2, statistics_pb2

_DISTANCES = {
    anomalies_pb2.DriftSkewInfo.Measurement.L_INFTY: "L-infinity distance",
    anomalies_pb2.DriftSkewInfo.Measurement.JENSEN_SHANNON_DIVERGENCE: "Jensen-Shannon divergence",
    anomalies_pb2.DriftSkewInfo.Measurement.NORMALIZED_ABSOLUTE_DIFFERENCE: "normalized absolute difference",
}
_NUMERIC = (statistics_pb2.FeatureNameStatistics.INT, statistics_pb2.FeatureNameStatistics.FLOAT)
_SCHEMA_ADVICE = "correct the logs where they violate the schema, which has no threshold to raise"


class Problem(NamedTuple):
    """A reason to stop a run.

    Attributes:
        phrase: the problem and its place.
        advice: how to solve it, the same phrase for every problem of its kind.
    """

    phrase: str
    advice: str


class ColumnStatistics(NamedTuple):
    """The statistics of a feature: whether its values are numbers, and the share of examples without any."""

    numeric: bool
    missing: float

    @property
    def filled(self) -> bool:
        """Whether any example has a value."""
        return self.missing < 1.0


def schema_problems(anomalies: anomalies_pb2.Anomalies, place: str) -> list[Problem]:
    """Violations of the schema, one for each reason.

    Args:
        anomalies: of ExampleValidator.
        place: the data that were validated, such as `the train split`.
    """
    phrases = [
        f"feature {_name(key, info)} of {place}: {_reason(reason)}"
        for key, info in sorted(anomalies.anomaly_info.items())
        for reason in info.reason
    ]
    phrases += [f"{place}: {_reason(reason)}" for reason in anomalies.dataset_anomaly_info.reason]
    return [Problem(phrase, _SCHEMA_ADVICE) for phrase in phrases]


def distance_problems(
    anomalies: anomalies_pb2.Anomalies,
    pair: str,
    *,
    now: Mapping[str, ColumnStatistics],
    before: Mapping[str, ColumnStatistics],
    section: str,
) -> list[Problem]:
    """Distributions that moved too far, each with the distance and the threshold.

    A feature that only one of the pair has, or that changed its type, was changed in the table of features and not in
    the logs: it is no problem. A feature without values in one of the pair is left to `missing_problems`.

    Args:
        anomalies: of DistributionValidator for one pair of splits.
        pair: the two sides of the comparison, such as `test against train`.
        now: the features of the first side.
        before: the features of the second side.
        section: the part of the config that holds the thresholds, such as `validation.drift`.
    """
    moved = (
        "if a distance is too large, correct the logs or, if the change is wanted, raise "
        f"{section}.features.NAME, or for all features of numbers or of strings {section}.numeric or .category"
    )
    too_far = {
        ".".join(info.path.step): [
            distance for distance in info.drift_measurements if distance.value > distance.threshold
        ]
        for info in anomalies.drift_skew_info
    }
    failed = {_name(key, info): info for key, info in anomalies.anomaly_info.items()}
    problems = []
    for name in sorted(too_far.keys() | failed.keys()):
        if not _comparable(name, now, before) or not (now[name].filled and before[name].filled):
            continue
        feature = f"feature {name} of {pair}"
        if name in too_far:
            problems += [Problem(f"{feature}: {_distance(distance)}", moved) for distance in too_far[name]]
        else:
            problems += [Problem(f"{feature}: {_reason(reason)}", moved) for reason in failed[name].reason]
    return problems + [Problem(f"{pair}: {_reason(reason)}", moved) for reason in anomalies.dataset_anomaly_info.reason]


def missing_problems(
    pair: str,
    *,
    now: Mapping[str, ColumnStatistics],
    before: Mapping[str, ColumnStatistics],
    bounds: Mapping[str, float],
    section: str,
) -> list[Problem]:
    """Features that vanished, appeared, or are missing more or less often than before by more than their bound.

    Distances do not show this: they compare only values that are present.

    Args:
        pair: the two sides of the comparison, such as `test against train`.
        now: the features of the first side.
        before: the features of the second side.
        bounds: by feature, the largest accepted change of the share of examples that lack it.
        section: the part of the config that holds the thresholds, such as `validation.drift`.
    """
    advice = (
        "if a feature is missing too often or too seldom, correct the logs or, if the change is wanted, raise "
        f"{section}.missing, or leave the feature out of this comparison (--set {section}.features.NAME=null)"
    )
    problems = []
    for name, bound in sorted(bounds.items()):
        if not _comparable(name, now, before):
            continue
        feature, new, old = f"feature {name} of {pair}", now[name], before[name]
        if old.filled and not new.filled:
            problems.append(Problem(f"{feature}: all its values are missing", advice))
        elif new.filled and not old.filled:
            problems.append(Problem(f"{feature}: it has values now and had none before", advice))
        elif abs(new.missing - old.missing) > bound:
            change = f"missing in {new.missing:.1%} of the rows instead of {old.missing:.1%}"
            problems.append(Problem(f"{feature}: {change}, a change above the threshold {bound:g}", advice))
    return problems


def _comparable(name: str, now: Mapping[str, ColumnStatistics], before: Mapping[str, ColumnStatistics]) -> bool:
    return name in now and name in before and now[name].numeric == before[name].numeric


def column_statistics(statistics: statistics_pb2.DatasetFeatureStatisticsList) -> dict[str, ColumnStatistics]:
    """Every feature in the statistics, with or without values."""
    return {
        ".".join(feature.path.step) or feature.name: ColumnStatistics(
            numeric=feature.type in _NUMERIC,
            missing=_missing(feature.num_stats.common_stats, feature.string_stats.common_stats),
        )
        for dataset in statistics.datasets
        for feature in dataset.features
    }


def _missing(*of_kinds: statistics_pb2.CommonStatistics) -> float:
    """The share of examples without a value; only one of the kinds is filled in."""
    present = sum(common.num_non_missing for common in of_kinds)
    absent = sum(common.num_missing for common in of_kinds)
    return absent / (present + absent) if present else 1.0


def _distance(measured: anomalies_pb2.DriftSkewInfo.Measurement) -> str:
    kind = _DISTANCES.get(measured.type, "distance")
    return f"{kind} {measured.value:.3g}, above the threshold {measured.threshold:.3g}"


def _name(key: str, info: anomalies_pb2.AnomalyInfo) -> str:
    return ".".join(info.path.step) or key


def _reason(reason: anomalies_pb2.AnomalyInfo.Reason) -> str:
    short, long = reason.short_description.rstrip("."), reason.description.rstrip(".")
    return f"{short}: {long}" if short and long else short or long
