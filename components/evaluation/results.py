"""An evaluation artifact as typed rows, read without importing TFMA (which takes ten seconds)."""

import importlib.util
import math
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from apache_beam.io.filesystems import FileSystems

from components.evaluation.errors import EvaluationError
from components.evaluation.figure import Figure
from models.tasks import TASKS

CANDIDATE, BASELINE = "candidate", "baseline"


@dataclass(frozen=True)
class SliceFigure(Figure):
    """What one model's head reaches on one slice, of the rows that the head is read on.

    Attributes:
        model: `candidate`, or `baseline` for the last blessed model on the same rows.
        head: the head, and `label` the column it predicts.
        slice: e.g. `overall` or `source=ad, stream_tier=3`; `source`, `stream_tier` and `less_streamed` are its
            values, None where it is not sliced by them.
    """

    model: str
    head: str
    label: str
    slice: str
    source: str | None
    stream_tier: int | None
    less_streamed: int | None


def load(uri: str) -> tuple[SliceFigure, ...]:
    """The figures of a ModelEvaluation artifact: the candidate's first, by head, overall before finer slices.

    Raises:
        EvaluationError: if the folder holds no metrics.
    """
    figures = []
    for message in messages(uri):
        keys = {single.column: _value_of(single) for single in message.slice_key.single_slice_keys}
        read: dict[tuple[str, str], dict[str, Any]] = {}
        for item in message.metric_keys_and_values:
            if item.key.output_name in TASKS and not item.key.is_diff:
                read.setdefault((item.key.model_name, item.key.output_name), {})[item.key.name] = item
        for (model, head), metrics in read.items():
            if "average_precision" in metrics:
                figures.append(_figure(model or CANDIDATE, head, keys, metrics))
    heads = list(TASKS)
    return tuple(
        sorted(
            figures,
            key=lambda row: (
                row.model != CANDIDATE,
                heads.index(row.head),
                sum(value is not None for value in (row.source, row.stream_tier, row.less_streamed)),
                row.slice,
            ),
        )
    )


def messages(uri: str) -> Iterator[Any]:
    """The `MetricsForSlice` messages of an evaluation.

    Raises:
        EvaluationError: if the folder holds no metrics.
    """
    pattern = f"{uri.rstrip('/')}/metrics*.tfrecord"
    paths = [found.path for match in FileSystems.match([pattern]) for found in match.metadata_list]
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


def _figure(model: str, head: str, keys: dict[str, Any], metrics: dict[str, Any]) -> SliceFigure:
    ap = metrics["average_precision"]
    counts = {name: metrics[name].value.double_value.value for name in metrics if name != "average_precision"}
    return SliceFigure(
        model=model,
        head=head,
        label=TASKS[head].label,
        slice=", ".join(f"{column}={value}" for column, value in keys.items()) or "overall",
        source=keys.get("source"),
        stream_tier=keys.get("stream_tier"),
        less_streamed=keys.get("less_streamed"),
        ap=_number(ap.value),
        low=_number(ap.confidence_interval.lower_bound),
        high=_number(ap.confidence_interval.upper_bound),
        positives=int(counts["positives"]),
        examples=int(counts["examples"]),
        base_rate=_not_nan(counts["base_rate"]),
        judged=bool(counts["judged"]),
        exact=bool(counts["exact"]),
        broken=int(counts["broken"]),
    )


def _value_of(single: Any) -> str | int:
    kind = single.WhichOneof("kind")
    return single.bytes_value.decode() if kind == "bytes_value" else int(getattr(single, kind))


def _number(value: Any) -> float | None:
    return _not_nan(value.double_value.value)


def _not_nan(value: float) -> float | None:
    return None if math.isnan(value) else value
