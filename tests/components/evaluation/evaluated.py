"""A small SavedModel on raw tf.Examples, and TFX's Evaluator run on it as the pipeline runs it."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import tensorflow as tf
from tfx.dsl.components.base import base_beam_executor
from tfx.types import standard_artifacts
from tfx.utils import json_utils, proto_utils

from components.evaluation.artifacts import ScoresArtifact
from components.evaluation.component import FEATURES, SCORES, Executor
from components.evaluation.config import EvaluatorConfig
from components.evaluation.eval_config import EXTRACTORS, eval_config
from logs.config import TiersConfig
from models.recipes import DEFAULT_RECIPES, Recipe, bind
from models.tasks import DEFAULT_TASKS
from transforms import features
from transforms.domain import Domain
from transforms.examples import to_examples, write_examples
from transforms.feature import Feature

RECIPES = {name: bind(config, DEFAULT_TASKS) for name, config in DEFAULT_RECIPES.items()}
FEATURE = "user_genre_affinity"  # the labels of random_labelled depend on it


class Scorer(tf.Module):
    """p = sigmoid(weight x log(feature) - 4 + 0.1 x head number), the feature 1 where missing; NaN if broken."""

    def __init__(self, heads: tuple[str, ...], weight: float, broken: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._heads = heads
        self._factors = {head: math.nan if head in broken else 1.0 for head in heads}
        self._weight = tf.Variable(weight, dtype=tf.float32)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serve(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        parsed = tf.io.parse_example(examples, {FEATURE: tf.io.FixedLenFeature([], tf.float32, 1.0)})
        signal = self._weight * tf.math.log(parsed[FEATURE])
        return {
            head: tf.sigmoid(signal - 4 + 0.1 * number) * self._factors[head] for number, head in enumerate(self._heads)
        }


@dataclass(frozen=True)
class Evaluated:
    """Where an evaluation was written."""

    evaluation: str
    blessing: str
    scores: str


def write_model(folder: Path, heads: tuple[str, ...], weight: float, broken: tuple[str, ...] = ()) -> Path:
    scorer = Scorer(heads, weight, broken)
    path = folder / "Format-Serving"
    tf.saved_model.save(scorer, str(path), signatures={"serving_default": scorer.serve})
    return folder


def scores_of(rows: pa.Table, heads: tuple[str, ...], weight: float) -> dict[str, np.ndarray]:
    scorer = Scorer(heads, weight)  # its function holds no reference to it
    served = scorer.serve(tf.constant(list(to_examples(rows)), tf.string))
    return {head: scores.numpy() for head, scores in served.items()}


def write_rows(folder: Path, rows: pa.Table) -> Path:
    path = folder / "Split-test" / "examples-00000.tfrecord.gz"
    path.parent.mkdir(parents=True)
    write_examples(to_examples(rows), str(path))
    return folder


def evaluate(
    folder: Path,
    examples: Path,
    model: Path,
    recipe: Recipe,
    config: EvaluatorConfig,
    baseline: Path | None = None,
    *,
    module_path: str | None = EXTRACTORS,
    domain: Domain = Domain(),  # noqa: B008 (frozen)
    table: tuple[Feature, ...] = features.FEATURES,
    tiers: TiersConfig = TiersConfig(),  # noqa: B008 (frozen)
    beam: Sequence[str] = ("--direct_num_workers=1",),
) -> Evaluated:
    def artifact(kind: type, path: Path) -> list:
        one = kind()
        one.uri = str(path)
        return [one]

    rows = artifact(standard_artifacts.Examples, examples)
    rows[0].split_names = '["test"]'
    inputs = {"examples": rows, "model": artifact(standard_artifacts.Model, model)}
    if baseline is not None:
        inputs["baseline_model"] = artifact(standard_artifacts.Model, baseline)
    outputs = {
        "evaluation": artifact(standard_artifacts.ModelEvaluation, folder / "evaluation"),
        "blessing": artifact(standard_artifacts.ModelBlessing, folder / "blessing"),
        SCORES: artifact(ScoresArtifact, folder / "scores"),
    }
    properties = {
        "eval_config": proto_utils.proto_to_json(eval_config(recipe, config, domain, tiers)),
        "example_splits": json_utils.dumps(["test"]),
        "module_path": module_path,
        FEATURES: json.dumps([feature.model_dump(mode="json") for feature in table]),
    }
    context = base_beam_executor.BaseBeamExecutor.Context(
        beam_pipeline_args=list(beam), tmp_dir=str(folder / "tmp"), unique_id="1"
    )
    Executor(context).Do(inputs, outputs, properties)
    return Evaluated(str(folder / "evaluation"), str(folder / "blessing"), str(folder / "scores"))
