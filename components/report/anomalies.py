"""Anomalies in the data, from the artifacts of TFX's validators."""

import posixpath
from collections.abc import Iterator

from apache_beam.io.filesystems import FileSystems
from tensorflow_metadata.proto.v0 import anomalies_pb2

from components.report.data import Anomaly
from files.storage import open_file


def read_anomalies(check: str, uri: str) -> Iterator[Anomaly]:
    """The anomalies in the folder `uri`, each feature once for each split or pair of splits.

    Args:
        check: what was compared, for the reader.
        uri: folder of an ExampleAnomalies artifact.
    """
    (match,) = FileSystems.match([f"{uri.rstrip('/')}/*/*.pb"])
    for path in sorted(file.path for file in match.metadata_list):
        anomalies = anomalies_pb2.Anomalies()
        with open_file(path) as file:
            anomalies.ParseFromString(file.read())
        splits = posixpath.basename(posixpath.dirname(path)).removeprefix("SplitPair-").removeprefix("Split-")
        for feature, anomaly in sorted(anomalies.anomaly_info.items()):
            yield Anomaly(f"{check} ({splits})", feature, anomaly.description)
