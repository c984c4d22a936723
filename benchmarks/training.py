"""Training examples per second, beside the same model on tensors already in memory (docs/performance.md).

    .venv/bin/python -m benchmarks.training                                       # random rows, the default's shapes
    .venv/bin/python -m benchmarks.training --examples DIR --transform-graph DIR  # and the seconds of reading
    .venv/bin/python -m benchmarks.training --model numeric_bins=16               # keys of the section `model`
    .venv/bin/python -m benchmarks.training --buckets 10                          # ten times the hashed ids
    .venv/bin/python -m benchmarks.training --balancers                           # CPU ms of a step with each balancer
    .venv/bin/python -m benchmarks.training --balancers fixed famo                # with some of them
    .venv/bin/python -m benchmarks.training --recipes joint joint_mmoe joint_ple  # CPU ms of a step of each recipe

`product` is the training loop: source-balanced batches of rows picked from the prepared arrays, eight steps a call.
`bound` is the best loop we can write: all batches at hand as tensors, all steps in one call. They take turns in one
process. Each figure is the median over the repeats, in wall time and in CPU time. `--balancers` compares the balancers
of the losses in the training loop instead, and `--recipes` compares recipes; they take turns, too.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial

import keras
import numpy as np
import tensorflow as tf

from models.config import ModelConfig, TrainerConfig
from models.network import build_model
from models.prepared_rows import PreparedRows
from models.recipes import DEFAULT_RECIPES, bind
from models.spec import TrainingSpec
from models.tasks import DEFAULT_TASKS
from models.training.balancing.config import KINDS
from models.training.balancing.make import make_balancer
from models.training.feed import row_batches
from models.training.loop import train_epoch
from models.training.losses import MaskedLosses
from models.training.optimizer import make_optimizer, make_row_optimizer
from models.training.prepare import prepared_data
from models.training.step import Update, make_steps
from transforms.domain import DEFAULT_SOURCES
from transforms.feature import Feature
from transforms.kinds import QUANTILE_BINS
from transforms.packed import PackedLayout, select

VOCABULARY = 50
"""Rows of the embedding table for a feature with a vocabulary, where rows are random."""


def main() -> None:
    """Prints the table."""
    arguments = _arguments()
    spec = TrainingSpec(
        name="joint",
        recipe=bind(DEFAULT_RECIPES["joint"], DEFAULT_TASKS),
        sources=DEFAULT_SOURCES,
        model=ModelConfig.model_validate(dict(pair.split("=") for pair in arguments.model)),
    )
    compare: Callable[..., None] = _compare
    if arguments.recipes:
        compare = partial(_compare_recipes, names=arguments.recipes)
    if arguments.balancers is not None:
        compare = partial(_compare_balancers, kinds=arguments.balancers or list(KINDS))
    if arguments.examples:
        with prepared_data(
            spec,
            train=[f"{arguments.examples}/Split-train/*"],
            validation=[f"{arguments.examples}/Split-validation/*"],
            transform_graph=arguments.transform_graph,
        ) as data:
            count = len(data.train) + len(data.validation)
            print(f"read and transformed {count:,} rows in {data.seconds:.1f} s, {count / data.seconds:,.0f}/s")
            compare(data.layout, data.train, spec, steps=arguments.steps, repeats=arguments.repeats)
    else:
        layout = random_layout(spec.inputs, arguments.buckets)
        print(f"{layout.rows:,} rows of the embedding table")
        rows = random_rows(layout, arguments.steps * spec.trainer.batch_size, spec)
        compare(layout, rows, spec, steps=arguments.steps, repeats=arguments.repeats)


def random_layout(features: tuple[Feature, ...], times: int = 1) -> PackedLayout:
    """The features' layout, with VOCABULARY ids where Transform would have counted them, and numbers from a normal.

    Args:
        features: the features.
        times: multiplies the buckets of hashed features.
    """
    rows = {
        feature.name: feature.buckets * times + 1 if feature.storage.encoding == "hash" else VOCABULARY
        for feature in features
    }
    levels = (np.arange(QUANTILE_BINS + 1) + 0.5) / (QUANTILE_BINS + 1)
    quantiles = tuple(statistics.NormalDist().inv_cdf(level) for level in levels)
    scored = {feature.name: (quantiles,) for feature in features if feature.storage.encoding == "z_score"}
    return select(features, features, rows, scored)


def random_rows(layout: PackedLayout, rows: int, spec: TrainingSpec) -> PreparedRows:
    """Rows of that layout; ids are skewed as popularity is, a fifth are promotions."""
    rng = np.random.default_rng(0)
    ids = [
        (feature.row + rng.random((rows, feature.width)) ** 3 * feature.rows).astype(np.int32) for feature in layout.ids
    ]
    labels = spec.recipe.labels
    return PreparedRows(
        np.concatenate(ids, axis=1),
        rng.normal(size=(rows, layout.float_width)).astype(np.float32),
        (rng.random((rows, len(labels))) < 0.05).astype(np.int8),
        (rng.random(rows) < 0.8).astype(np.int8),
        labels,
        spec.sources,
    )


def _compare(layout: PackedLayout, rows: PreparedRows, spec: TrainingSpec, steps: int, repeats: int) -> None:
    loops = {"bound": _bound(layout, rows, spec, steps), "product": _product(layout, rows, spec, steps)}
    for loop in loops.values():
        loop()  # compiles
    spent = [{name: _timed(loop) for name, loop in loops.items()} for _ in range(repeats)]
    examples = steps * spec.trainer.batch_size
    print(f"{'loop':10}{'examples/s':>14}{'examples/CPU s':>18}")
    for name in loops:
        wall, cpu = (statistics.median(examples / pair[name][clock] for pair in spent) for clock in (0, 1))
        print(f"{name:10}{wall:14,.0f}{cpu:18,.0f}")
    shares = [statistics.median(pair["bound"][clock] / pair["product"][clock] for pair in spent) for clock in (0, 1)]
    print(f"product / bound: {shares[0]:.2f} (wall), {shares[1]:.2f} (CPU), medians of {repeats} pairs")


def _compare_balancers(
    layout: PackedLayout, rows: PreparedRows, spec: TrainingSpec, kinds: list[str], steps: int, repeats: int
) -> None:
    loops = {kind: _product(layout, rows, _balanced(spec, kind), steps) for kind in dict.fromkeys(("fixed", *kinds))}
    _take_turns("balancer", loops, steps, repeats)


def _compare_recipes(
    layout: PackedLayout, rows: PreparedRows, spec: TrainingSpec, names: list[str], steps: int, repeats: int
) -> None:
    specs = {
        name: spec.model_copy(update={"recipe": bind(DEFAULT_RECIPES[name], DEFAULT_TASKS)})
        for name in dict.fromkeys(names)
    }
    loops = {name: _product(layout, rows, of_recipe, steps) for name, of_recipe in specs.items()}
    _take_turns("recipe", loops, steps, repeats)


def _take_turns(title: str, loops: dict[str, Callable[[], object]], steps: int, repeats: int) -> None:
    """Prints the CPU time of a step of each loop, and beside that of the first."""
    for loop in loops.values():
        loop()  # compiles
    spent = [{name: _timed(loop)[1] / steps for name, loop in loops.items()} for _ in range(repeats)]
    first = next(iter(loops))
    print(f"{title:22}{'CPU ms a step':>15}{f'times {first}':>20}")
    for name in loops:
        milliseconds = 1000 * statistics.median(pair[name] for pair in spent)
        times = statistics.median(pair[name] / pair[first] for pair in spent)
        print(f"{name:22}{milliseconds:15.1f}{times:20.2f}")


def _balanced(spec: TrainingSpec, kind: str) -> TrainingSpec:
    return spec.model_copy(update={"trainer": TrainerConfig.model_validate({"balancer": kind})})


def _updates(layout: PackedLayout, rows: PreparedRows, spec: TrainingSpec) -> Update:
    keras.utils.set_random_seed(spec.seed)
    recipe, config = spec.recipe, spec.trainer
    model = build_model(layout, recipe, spec.model)
    losses = MaskedLosses(recipe, rows.label_names, rows.source_names, config.mean_over)
    row_optimizer = make_row_optimizer(config, 10_000, model)
    balancer = make_balancer(recipe.heads, config, model, spec.seed)
    return make_steps(model, make_optimizer(config, 10_000), row_optimizer, losses, balancer)


def _product(layout: PackedLayout, rows: PreparedRows, spec: TrainingSpec, steps: int) -> Callable[[], object]:
    update = _updates(layout, rows, spec)
    batches = row_batches(rows, spec.recipe, spec.trainer.batch_size, spec.seed)
    return lambda: train_epoch(update, rows, batches, steps, ())


def _bound(layout: PackedLayout, rows: PreparedRows, spec: TrainingSpec, steps: int) -> Callable[[], object]:
    update = _updates(layout, rows, spec)
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
    parser.add_argument("--examples", help="an Examples artifact with a train and a validation split")
    parser.add_argument("--transform-graph", help="the TransformGraph artifact made from it")
    parser.add_argument("--model", nargs="*", default=[], metavar="KEY=VALUE", help="keys of the section `model`")
    parser.add_argument("--buckets", type=int, default=1, help="multiplies the buckets of hashed features")
    parser.add_argument("--balancers", nargs="*", choices=KINDS, help="compares these balancers; without names, all")
    parser.add_argument("--recipes", nargs="+", choices=DEFAULT_RECIPES, help="compares recipes with the first")
    parser.add_argument("--steps", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    if bool(arguments.examples) != bool(arguments.transform_graph):
        parser.error("--examples and --transform-graph go together")
    return arguments


if __name__ == "__main__":
    main()
