"""Rows evaluated per CPU-second beside stock TFMA with jackknife intervals, on the same rows and predictions.

    python -m benchmarks.evaluation --rows 2000 --large 60000

Both run in this process, one after the other, and read tf.Examples of all features as TFX does: the same model, five
heads, the same 30 slices, Beam in memory. Stock means TFMA's extractors, its area under the precision-recall curve and
its jackknife. Ours is the code of the pipeline's Evaluator, which keeps the scores of each row, too. CPU seconds count
all threads and include the fixed cost.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import tensorflow_model_analysis as tfma
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.pipeline import Pipeline
from google.protobuf import wrappers_pb2
from tfx_bsl.tfxio import tf_example_record

from components.evaluation.config import EvaluatorConfig
from components.evaluation.eval_config import eval_config, keeping
from components.evaluation.extractors import custom_extractors
from components.evaluation.keep import Keep
from logs.config import TiersConfig
from logs.tiers import with_tiers
from models.recipes import DEFAULT_RECIPES, bind
from models.tasks import DEFAULT_TASKS
from pipeline.configuration.beam import BeamConfig
from tests.components.evaluation.evaluated import write_model, write_rows
from tests.labelled_rows import random_labelled
from transforms.domain import Domain

RECIPE = bind(DEFAULT_RECIPES["joint"], DEFAULT_TASKS)


def stock_config() -> tfma.EvalConfig:
    """TFMA's own metric and intervals for the same heads and slices."""
    config = eval_config(RECIPE, EvaluatorConfig(), Domain(), TiersConfig())
    del config.metrics_specs[:]
    config.metrics_specs.add(output_names=list(RECIPE.heads)).metrics.add(class_name="AUCPrecisionRecall")
    config.options.compute_confidence_intervals.CopyFrom(wrappers_pb2.BoolValue(value=True))
    config.options.confidence_intervals.method = config.options.confidence_intervals.JACKKNIFE
    return config


def run(config: tfma.EvalConfig, examples: Path, model: Path, out: Path, *, ours: bool) -> tuple[float, float]:
    """Evaluates; returns wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    shared = tfma.default_eval_shared_model(str(model / "Format-Serving"), eval_config=config)
    extractors: Any = custom_extractors(shared, config) if ours else None
    source = tf_example_record.TFExampleRecord(
        str(examples / "Split-test" / "*"), raw_record_column_name=tfma.constants.ARROW_INPUT_COLUMN
    )
    with Pipeline(options=PipelineOptions(list(BeamConfig().args))) as pipeline:
        _ = (
            pipeline
            | source.BeamSource()
            | tfma.ExtractEvaluateAndWriteResults(
                eval_shared_model=shared, eval_config=config, extractors=extractors, output_path=str(out)
            )
        )
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000, help="rows that both evaluate")
    parser.add_argument("--large", type=int, default=60_000, help="rows that only ours evaluates")
    arguments = parser.parse_args()
    ours = eval_config(RECIPE, EvaluatorConfig(), Domain(), TiersConfig())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = write_model(folder / "model", RECIPE.heads, 1.0)
        small = write_rows(folder / "small", with_tiers(random_labelled(arguments.rows), TiersConfig()))
        large = write_rows(folder / "large", with_tiers(random_labelled(arguments.large), TiersConfig()))
        run(ours, small, model, folder / "warm", ours=True)  # imports, graph compilation
        small_ours = measure(
            "ours",
            arguments.rows,
            keeping(ours, Keep(folder=str(folder / "scores"), trained_ids="")),
            small,
            model,
            folder / "ours",
        )
        for number in range(2):  # interleaved, since a machine's speed drifts
            out = folder / f"large_{number}"
            without = measure("ours without scores", arguments.large, ours, large, model, out / "without")
            keeping_scores = keeping(ours, Keep(folder=str(out / "scores"), trained_ids=""))
            kept = measure("ours", arguments.large, keeping_scores, large, model, out / "with")
            sys.stdout.write(f"scores add {kept / without - 1:.1%} to the CPU seconds\n")
        small_stock = measure(
            "stock with jackknife", arguments.rows, stock_config(), small, model, folder / "stock", ours=False
        )
    sys.stdout.write(f"stock / ours at {arguments.rows:,} rows: {small_stock / small_ours:.1f} (CPU seconds)\n")


def measure(
    side: str, rows: int, config: tfma.EvalConfig, examples: Path, model: Path, out: Path, *, ours: bool = True
) -> float:
    """Evaluates, prints a line, returns CPU seconds."""
    wall, cpu = run(config, examples, model, out, ours=ours)
    sys.stdout.write(f"{side:22}{rows:8,} rows {wall:8.1f} s wall {cpu:8.1f} s CPU {rows / cpu:10,.0f} rows/CPU s\n")
    sys.stdout.flush()
    return cpu


if __name__ == "__main__":
    main()
