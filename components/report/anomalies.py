"""Anomalies and drift of the data, from the artifacts of TFX's validators."""

import math
import posixpath
from collections.abc import Iterator

from apache_beam.io.filesystems import FileSystems
from tensorflow_metadata.proto.v0 import anomalies_pb2

from components.report.data import Anomaly, Drift
from files.storage import open_file

_DISTANCES = {
    anomalies_pb2.DriftSkewInfo.Measurement.L_INFTY: "L-infinity",
    anomalies_pb2.DriftSkewInfo.Measurement.JENSEN_SHANNON_DIVERGENCE: "Jensen-Shannon",
}


def read_anomalies(check: str, uri: str) -> Iterator[Anomaly]:
    """The anomalies in the folder `uri`, each feature once for each split or pair of splits.

    Args:
        check: what was compared, for the reader.
        uri: folder of an ExampleAnomalies artifact.
    """
    for splits, anomalies in _messages(uri):
        for feature, anomaly in sorted(anomalies.anomaly_info.items()):
            reasons = " ".join(reason.description for reason in anomaly.reason)  # comparisons have only these
            yield Anomaly(f"{check} ({splits})", feature, anomaly.description or reasons)


def read_drift(check: str, uri: str) -> list[Drift]:
    """The measured distances in the folder `uri`, those that are closest to their limit first.

    Arguments are those of `read_anomalies`.
    """
    measured = [
        Drift(check, ".".join(info.path.step), _DISTANCES[distance.type], distance.value, distance.threshold)
        for _, anomalies in _messages(uri)
        for info in anomalies.drift_skew_info
        for distance in info.drift_measurements
        if distance.type in _DISTANCES and math.isfinite(distance.value)
    ]
    return sorted(measured, key=lambda drift: -drift.distance / drift.limit)


def was_made(uri: str) -> bool:
    """Whether the folder `uri` has a comparison: there is none without an earlier run, or if the check is off."""
    return any(splits.find("_") < 0 or anomalies.drift_skew_info for splits, anomalies in _messages(uri))


def _messages(uri: str) -> Iterator[tuple[str, anomalies_pb2.Anomalies]]:
    """Each file's split or pair of splits, and its content."""
    (match,) = FileSystems.match([f"{uri.rstrip('/')}/*/*.pb"])
    for path in sorted(file.path for file in match.metadata_list):
        with open_file(path) as file:
            anomalies = anomalies_pb2.Anomalies.FromString(file.read())
        yield posixpath.basename(posixpath.dirname(path)).removeprefix("SplitPair-").removeprefix("Split-"), anomalies
