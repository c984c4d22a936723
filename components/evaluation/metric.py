"""The metrics as TFMA loads them: average precision of each head on each slice, and the gates of the blessing.

Both work with TFMA's own extractors, an example at a time, and with ours (`extractors.py`), many at a time.
"""

import math
from typing import Any

import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.metrics import metric_types
from tensorflow_model_analysis.proto import config_pb2, metrics_for_slice_pb2

from components.evaluation.combiner import CurvesCombiner
from components.evaluation.curve import Curve
from components.evaluation.figure import Figure, figure
from components.evaluation.gates import Gate, Selection, value
from components.evaluation.rows import Key, RowsOf
from components.evaluation.verdict import dumps, verdict
from transforms.labels import Source

AVERAGE_PRECISION = "average_precision"
COUNTS = ("positives", "examples", "base_rate", "judged", "exact", "broken")
VERDICTS = "gates"


class AveragePrecision(tfma.metrics.Metric):
    """Average precision of every head, over the sources it is read on, with its interval and counts.

    Args:
        read_on: head -> sources whose examples count (`Recipe.read_on`).
        min_positives: fewer positives are marked as not judged.
        max_scores: distinct scores up to which it is exact.
    """

    def __init__(
        self,
        read_on: dict[str, list[Source]],
        min_positives: int,
        max_scores: int,
        name: str = AVERAGE_PRECISION,
    ) -> None:
        super().__init__(
            _average_precision, read_on=read_on, min_positives=min_positives, max_scores=max_scores, name=name
        )


class BlessingGates(tfma.metrics.Metric):
    """What each gate reads (metric `gate/...`), and all verdicts as JSON (metric `gates`).

    Args:
        gates: the gates, as JSON-able dicts of `Gate`.
        min_positives: fewer positives are not judged.
        max_scores: distinct scores up to which AP is exact.
    """

    def __init__(self, gates: list[dict[str, Any]], min_positives: int, max_scores: int, name: str = VERDICTS) -> None:
        super().__init__(_blessing_gates, gates=gates, min_positives=min_positives, max_scores=max_scores, name=name)


def _average_precision(
    name: str,
    read_on: dict[str, list[Source]],
    min_positives: int,
    max_scores: int,
    model_names: list[str] | None = None,
) -> metric_types.MetricComputations:
    models = tuple(model_names or [""])
    keys = tuple((model, Selection(head, tuple(sources))) for model in models for head, sources in read_on.items())

    def report(curves: dict[Key, Curve]) -> dict[metric_types.MetricKey, Any]:
        values: dict[metric_types.MetricKey, Any] = {}
        for (model, selection), curve in curves.items():
            said = figure(curve, min_positives)
            for metric, read in ((name, _bounded(said)), *((count, _number(getattr(said, count))) for count in COUNTS)):
                key = metric_types.MetricKey(name=metric, model_name=model, output_name=selection.head)
                values[key] = read
        return values

    return [_computation(keys, max_scores, report, tuple(read_on), name)]


def _blessing_gates(
    name: str,
    gates: list[dict[str, Any]],
    min_positives: int,
    max_scores: int,
    eval_config: config_pb2.EvalConfig,
    model_names: list[str] | None = None,
) -> metric_types.MetricComputations:
    models = tuple(model_names or [""])
    baselines = [spec.name for spec in eval_config.model_specs if spec.is_baseline]
    candidate = next(model for model in models if model not in baselines)
    typed = tuple(Gate.model_validate(gate) for gate in gates)
    selections = tuple(dict.fromkeys(gate.selection for gate in typed))
    keys = tuple((model, selection) for model in models for selection in selections)

    def report(curves: dict[Key, Curve]) -> dict[metric_types.MetricKey, Any]:
        figures = {key: figure(curve, min_positives) for key, curve in curves.items()}
        values: dict[metric_types.MetricKey, Any] = {}
        verdicts = []
        for gate in typed:
            baseline = figures[baselines[0], gate.selection] if baselines else None
            read = figures[candidate, gate.selection], baseline
            # TFMA looks for a threshold's metric under `example_weighted=None`.
            key = metric_types.MetricKey(name=gate.name, model_name=candidate, example_weighted=None)
            values[key] = value(gate, *read)
            verdicts.append(verdict(gate, *read))
        values[metric_types.MetricKey(name=name, model_name=candidate)] = dumps(verdicts)
        return values

    heads = tuple(dict.fromkeys(gate.head for gate in typed))
    return [_computation(keys, max_scores, report, heads, name)]


def _computation(
    keys: tuple[Key, ...], max_scores: int, report: Any, heads: tuple[str, ...], name: str
) -> metric_types.MetricComputation:
    models = tuple(dict.fromkeys(model for model, _ in keys))
    return metric_types.MetricComputation(
        keys=[metric_types.MetricKey(name=name, model_name=model) for model in models],
        preprocessors=[RowsOf(models, heads)],
        combiner=CurvesCombiner(keys, max_scores, report),
    )


def _bounded(said: Figure) -> metrics_for_slice_pb2.BoundedValue:
    """AP with its interval; NaN, TFMA's null, without positives."""
    bounded = metrics_for_slice_pb2.BoundedValue()
    bounded.value.value = _number(said.ap)
    bounded.lower_bound.value = _number(said.low)
    bounded.upper_bound.value = _number(said.high)
    return bounded


def _number(read: float | None) -> float:
    return math.nan if read is None else float(read)
