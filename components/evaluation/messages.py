"""The messages that TFMA wrote into an evaluation artifact, read without importing TFMA."""

import importlib.util
import struct
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from apache_beam.io.filesystems import FileSystems

from components.evaluation.errors import EvaluationError


def messages(uri: str) -> Iterator[Any]:
    """The `MetricsForSlice` messages of an evaluation.

    Raises:
        EvaluationError: if the folder holds no metrics.
    """
    pattern = f"{uri.rstrip('/')}/metrics*.tfrecord"
    paths = [metadata.path for match in FileSystems.match([pattern]) for metadata in match.metadata_list]
    if not paths:
        raise EvaluationError(f"{uri} holds no metrics; give the folder of a ModelEvaluation artifact.")
    for path in sorted(paths):
        for record in _records(path):
            yield _protos().MetricsForSlice.FromString(record)


@cache
def _protos() -> ModuleType:
    """TFMA's generated messages, loaded from their file: they need nothing else of TFMA."""
    name = "tensorflow_model_analysis.proto.metrics_for_slice_pb2"
    if name in sys.modules:
        return sys.modules[name]
    package = importlib.util.find_spec("tensorflow_model_analysis")
    if package is None or package.origin is None:
        raise ImportError("tensorflow_model_analysis is not installed")
    path = Path(package.origin).parent / "proto" / "metrics_for_slice_pb2.py"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _records(path: str) -> Iterator[bytes]:
    """Records of a TFRecord file: length, its checksum, the data, its checksum."""
    with FileSystems.open(path) as file:
        while header := file.read(12):
            (length,) = struct.unpack("<Q", header[:8])
            yield file.read(length)
            file.read(4)
