"""An evaluation artifact as typed rows, read without importing TFMA (which takes ten seconds)."""

import importlib.util
import json
import math
import struct
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from apache_beam.io.filesystems import FileSystems

from components.evaluation.curve import EMPTY
from components.evaluation.errors import EvaluationError
from components.evaluation.figure import Figure, figure
from components.evaluation.slices import SLICES, Slice
from models.tasks import TASKS

CANDIDATE, BASELINE = "candidate", "baseline"


@dataclass(frozen=True)
class SliceFigure(Figure):
    """What one model's head reaches on one slice, of the rows that the head is read on.

    Attributes:
        model: `candidate`, or `baseline` for the last blessed model on the same rows.
        head: the head, and `label` the column it predicts.
        keys: the slice's value of each column that it is sliced by; none are all rows.
    """

    model: str
    head: str
    label: str
    keys: Mapping[str, str | int]

    @property
    def slice(self) -> str:
        """The slice's name, e.g. `overall` or `source=ad, stream_tier=3`."""
        return ", ".join(f"{column}={value}" for column, value in sorted(self.keys.items())) or "overall"


def load(uri: str) -> tuple[SliceFigure, ...]:
    """The figures of a ModelEvaluation artifact: the candidate's first, by head, overall before finer slices.

    TFMA leaves out the slices that have no rows; here they are, with `examples` 0, not judged.

    Raises:
        EvaluationError: if the folder holds no metrics.
    """
    figures: dict[tuple[str, str, str], SliceFigure] = {}
    for message in messages(uri):
        keys = {single.column: _value_of(single) for single in message.slice_key.single_slice_keys}
        read: dict[tuple[str, str], dict[str, Any]] = {}
        for item in message.metric_keys_and_values:
            if item.key.output_name in TASKS and not item.key.is_diff:
                read.setdefault((item.key.model_name, item.key.output_name), {})[item.key.name] = item
        for (model, head), metrics in read.items():
            if "average_precision" in metrics:
                said = _slice_figure(model or CANDIDATE, head, keys, _read(metrics))
                figures[said.model, head, said.slice] = said
    without_rows = figure(EMPTY, min_positives=1)
    combinations = [keys for slice_ in _configured(uri) for keys in slice_.combinations]
    for model, head in {(model, head) for model, head, _ in figures}:
        for keys in combinations:
            empty = _slice_figure(model, head, keys, without_rows)
            figures.setdefault((model, head, empty.slice), empty)
    heads = list(TASKS)
    return tuple(
        sorted(
            figures.values(),
            key=lambda row: (
                row.model != CANDIDATE,
                heads.index(row.head),
                len(row.keys),
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


def _configured(uri: str) -> list[Slice]:
    """Those of `SLICES` that the evaluation was made for; an old one may lack some."""
    with FileSystems.open(f"{uri.rstrip('/')}/eval_config.json") as file:
        specs = json.load(file)["evalConfig"]["slicingSpecs"]
    columns = {(*spec.get("featureKeys", ()), *spec.get("featureValues", ())) for spec in specs}
    return [slice_ for slice_ in SLICES if slice_.columns in columns]


def _slice_figure(model: str, head: str, keys: Mapping[str, str | int], said: Figure) -> SliceFigure:
    return SliceFigure(**asdict(said), model=model, head=head, label=TASKS[head].label, keys=keys)


def _read(metrics: Mapping[str, Any]) -> Figure:
    ap = metrics["average_precision"]
    counts = {name: metrics[name].value.double_value.value for name in metrics if name != "average_precision"}
    return Figure(
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
