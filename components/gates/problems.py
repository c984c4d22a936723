"""Anomalies as phrases a person can act on; pure functions over TFDV's protos."""

from collections.abc import Iterable

from tensorflow_metadata.proto.v0 import anomalies_pb2, statistics_pb2

_DISTANCES = {
    anomalies_pb2.DriftSkewInfo.Measurement.L_INFTY: "L-infinity distance",
    anomalies_pb2.DriftSkewInfo.Measurement.JENSEN_SHANNON_DIVERGENCE: "Jensen-Shannon divergence",
    anomalies_pb2.DriftSkewInfo.Measurement.NORMALIZED_ABSOLUTE_DIFFERENCE: "normalized absolute difference",
}


def schema_problems(anomalies: anomalies_pb2.Anomalies, place: str) -> list[str]:
    """What violates the schema, a phrase for each reason.

    Args:
        anomalies: of ExampleValidator.
        place: what was validated, such as `the train split`.
    """
    problems = [
        f"feature {_name(key, info)} of {place}: {_reason(reason)}"
        for key, info in sorted(anomalies.anomaly_info.items())
        for reason in info.reason
    ]
    return problems + [f"{place}: {_reason(reason)}" for reason in anomalies.dataset_anomaly_info.reason]


def distance_problems(
    anomalies: anomalies_pb2.Anomalies, pair: str, *, filled: Iterable[str], filled_before: Iterable[str]
) -> list[str]:
    """Which distributions moved too far, with the distance and the threshold, and which vanished or appeared.

    Args:
        anomalies: of DistributionValidator for one pair of splits.
        pair: what was compared with what, such as `test against train`.
        filled: features with at least one value in the first of the pair.
        filled_before: the same for what it was compared with. A feature with values in neither is no problem.
    """
    problems = [
        f"feature {'.'.join(info.path.step)} of {pair}: {_DISTANCES.get(measured.type, 'distance')} "
        f"{measured.value:.3g}, above the threshold {measured.threshold:.3g}"
        for info in anomalies.drift_skew_info
        for measured in info.drift_measurements
        if measured.value > measured.threshold
    ]
    compared = {".".join(info.path.step) for info in anomalies.drift_skew_info}
    now, before = set(filled), set(filled_before)
    for key, info in sorted(anomalies.anomaly_info.items()):
        name = _name(key, info)
        if name in compared:
            continue
        if name in now and name in before:
            problems.extend(f"feature {name} of {pair}: {_reason(reason)}" for reason in info.reason)
        elif name in now:
            problems.append(f"feature {name} of {pair}: it has values now and had none before")
        elif name in before:
            problems.append(f"feature {name} of {pair}: all its values are missing")
    return problems + [f"{pair}: {_reason(reason)}" for reason in anomalies.dataset_anomaly_info.reason]


def filled_features(statistics: statistics_pb2.DatasetFeatureStatisticsList) -> frozenset[str]:
    """Names of the features that have a value in at least one example."""
    return frozenset(
        ".".join(feature.path.step) or feature.name
        for dataset in statistics.datasets
        for feature in dataset.features
        if max(feature.num_stats.common_stats.num_non_missing, feature.string_stats.common_stats.num_non_missing)
    )


def _name(key: str, info: anomalies_pb2.AnomalyInfo) -> str:
    return ".".join(info.path.step) or key


def _reason(reason: anomalies_pb2.AnomalyInfo.Reason) -> str:
    short, long = reason.short_description.rstrip("."), reason.description.rstrip(".")
    return f"{short}: {long}" if short and long else short or long
