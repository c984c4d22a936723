"""Training examples per second, beside the same model on tensors already in memory (docs/performance.md).

    .venv/bin/python -m benchmarks.training                                       # random rows, the default's shapes
    .venv/bin/python -m benchmarks.training --examples DIR --transform-graph DIR  # and the seconds of reading a split

`product` is the training loop: rows picked by source-balanced batches from the prepared arrays, eight steps a call.
`bound` is the best loop we can write: all batches on hand as tensors, all steps in one call. They take turns in one
process; each figure is the median over the repeats, in wall time and in CPU time.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from tensorflow_transform.output_wrapper import TFTransformOutput

from models.network import build_model
from models.recipes import RECIPES
from models.spec import TrainingSpec
from models.training.feed import row_batches
from models.training.loop import make_optimizer, train_epoch
from models.training.prepare import read_rows
from models.training.prepared_rows import Rows
from models.training.step import Losses, make_steps
from transforms.feature import Feature
from transforms.labels import LABELS
from transforms.packed import PackedLayout, packed_layout, select
from transforms.raw_to_packed import RawToPacked

VOCABULARY = 50
"""Rows of the embedding table for a feature with a vocabulary, where rows are random."""


def main() -> None:
    """Prints the table."""
    arguments = _arguments()
    spec = TrainingSpec(recipe_name="joint", recipe=RECIPES["joint"])
    steps = arguments.steps
    with tempfile.TemporaryDirectory() as folder:
        if arguments.examples:
            columns, rows = _read(arguments.examples, arguments.transform_graph, spec, Path(folder))
        else:
            columns = random_layout(spec.inputs)
            rows = random_rows(columns, steps * spec.trainer.batch_size)
        loops = {"bound": _bound(columns, rows, spec, steps), "product": _product(columns, rows, spec, steps)}
        for loop in loops.values():
            loop()  # compiles
        spent = [{name: _timed(loop) for name, loop in loops.items()} for _ in range(arguments.repeats)]
    examples = steps * spec.trainer.batch_size
    print(f"{'loop':10}{'examples/s':>14}{'examples/CPU s':>18}")
    for name in loops:
        wall, cpu = (statistics.median(examples / one[name][clock] for one in spent) for clock in (0, 1))
        print(f"{name:10}{wall:14,.0f}{cpu:18,.0f}")
    shares = [statistics.median(one["bound"][clock] / one["product"][clock] for one in spent) for clock in (0, 1)]
    print(f"product / bound: {shares[0]:.2f} (wall), {shares[1]:.2f} (CPU), medians of {arguments.repeats} pairs")


def random_layout(features: tuple[Feature, ...]) -> PackedLayout:
    """The features' layout, with VOCABULARY ids where Transform would have counted them."""
    rows = {one.name: one.buckets + 1 if one.kind == "hashed" else VOCABULARY for one in features}
    return select(features, features, rows)


def random_rows(columns: PackedLayout, rows: int) -> Rows:
    """Rows of that layout; ids are skewed as popularity is, a fifth are promotions."""
    rng = np.random.default_rng(0)
    ids = [(one.row + rng.random((rows, one.width)) ** 3 * one.rows).astype(np.int32) for one in columns.ids]
    return Rows(
        np.concatenate(ids, axis=1),
        rng.normal(size=(rows, columns.float_width)).astype(np.float32),
        (rng.random((rows, len(LABELS))) < 0.05).astype(np.int8),
        (rng.random(rows) < 0.8).astype(np.int8),
    )


def _read(examples: str, graph: str, spec: TrainingSpec, folder: Path) -> tuple[PackedLayout, Rows]:
    transform = TFTransformOutput(graph)
    columns = packed_layout(transform, spec.inputs)
    pack = RawToPacked(transform, columns, spec.inputs).from_examples
    started, started_cpu = time.perf_counter(), time.process_time()
    rows = read_rows([f"{examples}/Split-train/*"], pack, split="train", folder=lambda: folder)
    wall, cpu = time.perf_counter() - started, time.process_time() - started_cpu
    print(f"read and transformed {len(rows):,} rows in {wall:.1f} s, {len(rows) / wall:,.0f}/s; {cpu:.1f} CPU s")
    return columns, rows


def _updates(columns: PackedLayout, spec: TrainingSpec) -> Losses:
    keras.utils.set_random_seed(spec.seed)
    model = build_model(columns, spec.recipe, spec.model)
    return make_steps(model, make_optimizer(spec.trainer, 10_000), spec.recipe, spec.trainer)


def _product(columns: PackedLayout, rows: Rows, spec: TrainingSpec, steps: int) -> Callable[[], object]:
    update = _updates(columns, spec)
    batches = row_batches(rows, spec.recipe, spec.trainer.batch_size, spec.seed)
    return lambda: train_epoch(update, rows, batches, steps, ())


def _bound(columns: PackedLayout, rows: Rows, spec: TrainingSpec, steps: int) -> Callable[[], object]:
    update = _updates(columns, spec)
    batches = row_batches(rows, spec.recipe, spec.trainer.batch_size, spec.seed)
    chosen = np.stack([next(batches) for _ in range(steps)])
    tensors = [tf.constant(array[chosen]) for array in (rows.ids, rows.floats, rows.labels, rows.source)]
    return lambda: update(*tensors).numpy()


def _timed(loop: Callable[[], object]) -> tuple[float, float]:
    started, started_cpu = time.perf_counter(), time.process_time()
    loop()
    return time.perf_counter() - started, time.process_time() - started_cpu


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", help="an Examples artifact with a train split")
    parser.add_argument("--transform-graph", help="the TransformGraph artifact made from it")
    parser.add_argument("--steps", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    if bool(arguments.examples) != bool(arguments.transform_graph):
        parser.error("--examples and --transform-graph go together")
    return arguments


if __name__ == "__main__":
    main()
