"""The metrics as TFMA loads them: average precision and calibration of each head on each slice, and the conditions.

Both work with TFMA's own extractors, an example at a time, and with ours (`extractors.py`), many at a time.
"""

import functools
import math
from collections.abc import Mapping
from typing import Any

import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.metrics import metric_types
from tensorflow_model_analysis.proto import config_pb2, metrics_for_slice_pb2

from components.evaluation.blessing import VERDICTS
from components.evaluation.combiner import RowsCombiner
from components.evaluation.conditions import Condition, Selection
from components.evaluation.counted import CountedRows
from components.evaluation.figure import Figure, count_values, figure
from components.evaluation.scored_rows import CountedKey, ToOverallRows, ToScoredRows
from components.evaluation.verdict import dumps, verdict

AVERAGE_PRECISION = "average_precision"

MetricValues = dict[metric_types.MetricKey, Any]
"""The values of a metric on a slice."""


class AveragePrecision(tfma.metrics.Metric):
    """Average precision and calibration of every head, on the sources it is measured on, with intervals and counts.

    Args:
        read_on: head -> sources whose examples count (`Recipe.sources_of`).
        tiers: the section `tiers`, for the extractors and for readers of the evaluation; not used here.
        keep: what the extractors keep of each row (`Keep`), None for nothing; not used here.
        sources: every source of the config.
        min_positives: with fewer positives, a figure is marked as not judged.
        max_scores: distinct scores up to which it is exact.
        baseline_output: the last blessed model's output if it has a single one.
    """

    def __init__(
        self,
        read_on: dict[str, list[str]],
        sources: list[str],
        min_positives: int,
        max_scores: int,
        tiers: dict[str, Any],
        baseline_output: str = "",
        keep: dict[str, Any] | None = None,
        name: str = AVERAGE_PRECISION,
    ) -> None:
        super().__init__(
            _average_precision,
            read_on=read_on,
            sources=sources,
            min_positives=min_positives,
            max_scores=max_scores,
            tiers=tiers,
            baseline_output=baseline_output,
            keep=keep,
            name=name,
        )


class BlessingConditions(tfma.metrics.Metric):
    """The value of each condition (metric `condition/...`), and all verdicts as JSON (metric `verdicts`).

    They count rows only on the slice of all rows: curves of each condition on each slice would take most of an
    evaluation's memory. TFMA wants a value on the other slices too, and gets that of no rows, which nothing reads.

    Args:
        conditions: the conditions, as JSON-able dicts of `Condition`.
        sources: every source of the config.
        min_positives: with fewer positives, a condition is not judged.
        max_scores: distinct scores up to which AP is exact.
        refusal: why there is no comparison with the last blessed model; "" if there is one.
        baseline_output: the last blessed model's output if it has a single one.
    """

    def __init__(
        self,
        conditions: list[dict[str, Any]],
        sources: list[str],
        min_positives: int,
        max_scores: int,
        refusal: str = "",
        baseline_output: str = "",
        name: str = VERDICTS,
    ) -> None:
        super().__init__(
            _blessing_conditions,
            conditions=conditions,
            sources=sources,
            min_positives=min_positives,
            max_scores=max_scores,
            refusal=refusal,
            baseline_output=baseline_output,
            name=name,
        )


def _average_precision(
    name: str,
    read_on: dict[str, list[str]],
    sources: list[str],
    min_positives: int,
    max_scores: int,
    tiers: dict[str, Any],
    baseline_output: str,
    keep: dict[str, Any] | None,
    model_names: list[str] | None = None,
) -> metric_types.MetricComputations:
    del tiers, keep
    models = tuple(model_names or [""])
    keys = tuple((model, Selection(head, tuple(measured))) for model in models for head, measured in read_on.items())

    report = functools.partial(_figures, name=name, min_positives=min_positives)
    return [
        _computation(
            keys, ToScoredRows(models, tuple(read_on), tuple(sources), baseline_output), max_scores, report, name
        )
    ]


def _figures(counted: Mapping[CountedKey, CountedRows], name: str, min_positives: int) -> MetricValues:
    values: MetricValues = {}
    for (model, selection), rows in counted.items():
        of_head = figure(rows, min_positives)
        numbers = {name: _bounded(of_head), **count_values(of_head)}
        for metric, number in numbers.items():
            values[metric_types.MetricKey(name=metric, model_name=model, output_name=selection.head)] = number
    return values


def _blessing_conditions(
    name: str,
    conditions: list[dict[str, Any]],
    sources: list[str],
    min_positives: int,
    max_scores: int,
    refusal: str,
    baseline_output: str,
    eval_config: config_pb2.EvalConfig,
    model_names: list[str] | None = None,
) -> metric_types.MetricComputations:
    models = tuple(model_names or [""])
    baselines = [spec.name for spec in eval_config.model_specs if spec.is_baseline]
    candidate = next(model for model in models if model not in baselines)
    typed = tuple(Condition.model_validate(condition) for condition in conditions)
    selections = tuple(dict.fromkeys(condition.selection for condition in typed))
    keys = tuple((model, selection) for model in models for selection in selections)

    report = functools.partial(
        _verdicts,
        name=name,
        conditions=typed,
        candidate=candidate,
        baseline=baselines[0] if baselines else None,
        min_positives=min_positives,
        refusal=refusal or None,
    )
    heads = tuple(dict.fromkeys(condition.head for condition in typed))
    rows = ToOverallRows(models, heads, tuple(sources), baseline_output)
    return [_computation(keys, rows, max_scores, report, name)]


def _verdicts(
    counted: Mapping[CountedKey, CountedRows],
    name: str,
    conditions: tuple[Condition, ...],
    candidate: str,
    baseline: str | None,
    min_positives: int,
    refusal: str | None,
) -> MetricValues:
    figures = {key: figure(rows, min_positives) for key, rows in counted.items()}
    values: MetricValues = {}
    verdicts = []
    for condition in conditions:
        compared = None if baseline is None else figures[baseline, condition.selection]
        judged = verdict(condition, figures[candidate, condition.selection], compared, refusal)
        # TFMA looks for a threshold's metric under `example_weighted=None`.
        key = metric_types.MetricKey(name=condition.name, model_name=candidate, example_weighted=None)
        values[key] = math.inf if judged.value is None else judged.value
        verdicts.append(judged)
    values[metric_types.MetricKey(name=name, model_name=candidate)] = dumps(verdicts)
    return values


def _computation(
    keys: tuple[CountedKey, ...], preprocessor: ToScoredRows, max_scores: int, report: Any, name: str
) -> metric_types.MetricComputation:
    models = dict.fromkeys(model for model, _ in keys)
    return metric_types.MetricComputation(
        keys=[metric_types.MetricKey(name=name, model_name=model) for model in models],
        preprocessors=[preprocessor],
        combiner=RowsCombiner(keys, max_scores, report),
    )


def _bounded(of_head: Figure) -> metrics_for_slice_pb2.BoundedValue:
    """AP with its interval; NaN, TFMA's null, without positives."""
    bounded = metrics_for_slice_pb2.BoundedValue()
    bounded.value.value = _number(of_head.ap)
    bounded.lower_bound.value = _number(of_head.low)
    bounded.upper_bound.value = _number(of_head.high)
    return bounded


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
