"""The TFMA configuration of a recipe's Evaluator."""

import json
from collections.abc import Collection
from typing import Any

from google.protobuf import wrappers_pb2
from tensorflow_model_analysis.proto import config_pb2

from components.evaluation.conditions import conditions
from components.evaluation.config import EvaluatorConfig
from components.evaluation.keep import Keep
from components.evaluation.scores import About
from components.evaluation.settings import EvaluatedHead
from components.evaluation.slices import SLICES, Slice
from logs.config import TiersConfig
from models.recipes import Recipe
from models.signatures import EXAMPLES
from transforms.domain import Domain

METRICS = "components.evaluation.metric"
EXTRACTORS = "components.evaluation.extractors"
"""The Evaluator's `module_path`."""


def eval_config(recipe: Recipe, config: EvaluatorConfig, domain: Domain, tiers: TiersConfig) -> config_pb2.EvalConfig:
    """The metrics, slices, and thresholds of one recipe for TFX's Evaluator.

    Args:
        recipe: its heads are the model's outputs, its masks the metrics'.
        config: thresholds, tolerances and precision.
        domain: gives the sources.
        tiers: gives each row its stream tier.

    Returns:
        A config for the Evaluator, with or without a last blessed model; TFX adds that model's spec itself. Every
        threshold is a value threshold on the overall slice, so that a first run is validated as well.
    """
    arguments = {
        "sources": domain.sources,
        "min_positives": config.min_positives,
        "max_scores": config.max_scores,
    }
    read_on = {head: recipe.sources_of(head) for head in recipe.heads}
    of_recipe = conditions(recipe, config)
    return config_pb2.EvalConfig(
        model_specs=[
            config_pb2.ModelSpec(
                signature_name=EXAMPLES,
                model_type="tf_generic",
                label_keys={task.name: task.label for task in recipe.tasks},
            )
        ],
        slicing_specs=[_slicing_spec(slice_) for slice_ in SLICES],
        metrics_specs=[
            config_pb2.MetricsSpec(
                metrics=[_metric("AveragePrecision", read_on=read_on, tiers=tiers.model_dump(mode="json"), **arguments)]
            ),
            config_pb2.MetricsSpec(
                metrics=[
                    _metric(
                        "BlessingConditions",
                        conditions=[condition.model_dump(mode="json") for condition in of_recipe],
                        **arguments,
                    )
                ],
                per_slice_thresholds={condition.name: _at_least(condition.bound) for condition in of_recipe},
            ),
        ],
        options=config_pb2.Options(
            include_default_metrics=wrappers_pb2.BoolValue(value=False),
            # The metric has its own interval; replicates would multiply the work by twenty.
            compute_confidence_intervals=wrappers_pb2.BoolValue(value=False),
        ),
    )


def tiers_of(config: config_pb2.EvalConfig) -> TiersConfig:
    """The section `tiers` that `eval_config` was given."""
    return TiersConfig.model_validate(_arguments(config)["tiers"])


def refused(config: config_pb2.EvalConfig, refusal: str) -> config_pb2.EvalConfig:
    """A copy of `config` that refuses the comparison with the last blessed model: every `kept` condition fails.

    Args:
        config: of `eval_config`.
        refusal: why, and how to go on; one sentence.
    """
    return _with_argument(config, "refusal", refusal, metrics=("BlessingConditions",))


def beside(config: config_pb2.EvalConfig, baseline_outputs: Collection[str]) -> config_pb2.EvalConfig:
    """A copy of `config` that knows the outputs of the last blessed model.

    Args:
        config: of `eval_config`.
        baseline_outputs: their names. TFMA drops the name of a single output, so that the metrics need it from here.
    """
    (only,) = baseline_outputs if len(baseline_outputs) == 1 else ("",)
    return _with_argument(config, "baseline_output", only, metrics=("AveragePrecision", "BlessingConditions"))


def keeping(config: config_pb2.EvalConfig, keep: Keep) -> config_pb2.EvalConfig:
    """A copy of `config` that tells the extractors to keep each row's scores."""
    return _with_argument(config, "keep", keep.model_dump(mode="json"), metrics=("AveragePrecision",))


def kept_by(config: config_pb2.EvalConfig) -> Keep | None:
    """The argument of `keeping`; None if the scores are not kept."""
    keep = _arguments(config).get("keep")
    return None if keep is None else Keep.model_validate(keep)


def about(config: config_pb2.EvalConfig) -> About:
    """The heads, sources, and least positives of a judged figure in an evaluation with `config`."""
    arguments, labels = _arguments(config), dict(config.model_specs[0].label_keys)
    heads = tuple(EvaluatedHead(head, labels[head], tuple(on)) for head, on in arguments["read_on"].items())
    return About(heads, tuple(arguments["sources"]), arguments["min_positives"])


def _arguments(config: config_pb2.EvalConfig) -> dict[str, Any]:
    """The arguments of the metric that the extractors read too."""
    arguments: dict[str, Any] = json.loads(config.metrics_specs[0].metrics[0].config)
    return arguments


def _with_argument(
    config: config_pb2.EvalConfig, name: str, value: object, metrics: tuple[str, ...]
) -> config_pb2.EvalConfig:
    copy = config_pb2.EvalConfig()
    copy.CopyFrom(config)
    for metric in (metric for spec in copy.metrics_specs for metric in spec.metrics):
        if metric.class_name in metrics:
            metric.config = json.dumps(json.loads(metric.config) | {name: value})
    return copy


def _metric(class_name: str, **arguments: object) -> config_pb2.MetricConfig:
    return config_pb2.MetricConfig(class_name=class_name, module=METRICS, config=json.dumps(arguments))


def _slicing_spec(slice_: Slice) -> config_pb2.SlicingSpec:
    return config_pb2.SlicingSpec(
        feature_keys=[column for column in slice_.columns if column not in slice_.only],
        feature_values={column: str(value) for column, value in slice_.only.items()},
    )


def _at_least(bound: float) -> config_pb2.PerSliceMetricThresholds:
    threshold = config_pb2.MetricThreshold(
        value_threshold=config_pb2.GenericValueThreshold(lower_bound=wrappers_pb2.DoubleValue(value=bound))
    )
    overall = config_pb2.PerSliceMetricThreshold(slicing_specs=[config_pb2.SlicingSpec()], threshold=threshold)
    return config_pb2.PerSliceMetricThresholds(thresholds=[overall])
