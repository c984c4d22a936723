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
        found: what was found and where, a phrase.
        advice: what helps, a phrase that is the same for every problem of its kind.
    """

    found: str
    advice: str


class Column(NamedTuple):
    """What statistics say of a feature: whether its values are numbers, and whether any example has one."""

    numeric: bool
    filled: bool


def schema_problems(anomalies: anomalies_pb2.Anomalies, place: str) -> list[Problem]:
    """What violates the schema, one for each reason.

    Args:
        anomalies: of ExampleValidator.
        place: what was validated, such as `the train split`.
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
    now: Mapping[str, Column],
    before: Mapping[str, Column],
    section: str,
) -> list[Problem]:
    """Which distributions moved too far, with the distance and the threshold, and which vanished or appeared.

    A feature that only one of the pair knows, or whose type is another, was changed in the table of features and not
    in the logs: it is no problem. Nor is one without values in both.

    Args:
        anomalies: of DistributionValidator for one pair of splits.
        pair: what was compared with what, such as `test against train`.
        now: the features of the first of the pair.
        before: those of what it was compared with.
        section: the part of the config that holds the thresholds, such as `validation.drift`.
    """
    moved = (
        "where a distance is too large, correct the logs or, if the change is wanted, raise "
        f"{section}.features.NAME, or for all features of numbers or of strings {section}.numeric or .category"
    )
    not_there = (
        "where there is nothing to compare, correct the logs or, if the change is wanted, leave the feature out of "
        f"this comparison (--set {section}.features.NAME=null)"
    )
    measured = {
        ".".join(info.path.step): [one for one in info.drift_measurements if one.value > one.threshold]
        for info in anomalies.drift_skew_info
    }
    failed = {_name(key, info): info for key, info in anomalies.anomaly_info.items()}
    problems = []
    for name in sorted(measured.keys() | failed.keys()):
        if name not in now or name not in before or now[name].numeric != before[name].numeric:
            continue
        feature = f"feature {name} of {pair}"
        if not before[name].filled and now[name].filled:
            problems.append(Problem(f"{feature}: it has values now and had none before", not_there))
        elif before[name].filled and not now[name].filled:
            problems.append(Problem(f"{feature}: all its values are missing", not_there))
        elif now[name].filled and name in measured:
            problems += [Problem(f"{feature}: {_distance(one)}", moved) for one in measured[name]]
        elif now[name].filled:
            problems += [Problem(f"{feature}: {_reason(reason)}", not_there) for reason in failed[name].reason]
    return problems + [Problem(f"{pair}: {_reason(reason)}", moved) for reason in anomalies.dataset_anomaly_info.reason]


def columns_of(statistics: statistics_pb2.DatasetFeatureStatisticsList) -> dict[str, Column]:
    """Every feature that the statistics know, with or without values."""
    return {
        ".".join(feature.path.step) or feature.name: Column(
            numeric=feature.type in _NUMERIC,
            filled=feature.num_stats.common_stats.num_non_missing > 0
            or feature.string_stats.common_stats.num_non_missing > 0,
        )
        for dataset in statistics.datasets
        for feature in dataset.features
    }


def _distance(measured: anomalies_pb2.DriftSkewInfo.Measurement) -> str:
    kind = _DISTANCES.get(measured.type, "distance")
    return f"{kind} {measured.value:.3g}, above the threshold {measured.threshold:.3g}"


def _name(key: str, info: anomalies_pb2.AnomalyInfo) -> str:
    return ".".join(info.path.step) or key


def _reason(reason: anomalies_pb2.AnomalyInfo.Reason) -> str:
    short, long = reason.short_description.rstrip("."), reason.description.rstrip(".")
    return f"{short}: {long}" if short and long else short or long
