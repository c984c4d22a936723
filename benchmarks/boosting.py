"""LightGBM on the inputs of a trained model, tuned on validation alone.

Ke et al., "LightGBM: a highly efficient gradient boosting decision tree" (NeurIPS 2017).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np

from benchmarks.tree_columns import TreeColumns, tree_columns
from models.metrics.average_precision import average_precision
from models.prepared_rows import PreparedRows
from transforms.packed import PackedLayout

SPACE: dict[str, tuple[Any, ...]] = {
    "num_leaves": (15, 31, 63),
    "learning_rate": (0.03, 0.05),
    "feature_fraction": (0.3, 0.5, 0.8),
    "min_data_in_leaf": (20, 100, 300),
    "lambda_l2": (0.0, 10.0),
    "ids": (True, False),
    "sources": ("together", "equal", "apart"),
}
"""The values that the search draws from.

`ids`: whether the trees see the target-encoded ids. `sources`: `together`, each row counts alike; `equal`, each source
counts alike, as in the judgement; `apart`, each source has trees of its own.
"""

ROUNDS, PATIENCE = 2_000, 60


@dataclass(frozen=True)
class Trees:
    """Trained trees.

    Attributes:
        parameters: the values drawn from `SPACE`.
        validation: mean AP of the sources on validation.
        scores: probabilities of the test rows, `[n]`.
        trees: their number; with sources apart, that of all sources.
    """

    parameters: Mapping[str, Any]
    validation: float
    scores: np.ndarray
    trees: int


def source_ap(rows: PreparedRows, label: str, scores: np.ndarray) -> float:
    """Mean over the sources of the AP on the source's rows; a source without positives is left out."""
    return _mean_ap(rows.label(label), rows.source, scores)


def _mean_ap(labels: np.ndarray, source: np.ndarray, scores: np.ndarray) -> float:
    aps = [average_precision(labels[own], scores[own]) for own in (source == code for code in np.unique(source))]
    return float(np.mean([ap for ap in aps if ap is not None]))


def tuned(
    layout: PackedLayout,
    train: PreparedRows,
    validation: PreparedRows,
    test: PreparedRows,
    *,
    label: str,
    trials: int,
    seeds: int,
    threads: int = 0,
) -> list[Trees]:
    """Trees with the parameters that are best on validation, one for each seed.

    Each number of trees is that with the best AP on validation, too: the mean of all sources, or that of their own.

    Args:
        layout: columns of the rows.
        train: rows to learn from.
        validation: rows that choose the parameters and the number of trees.
        test: rows to score.
        label: the label to predict.
        trials: draws from `SPACE`.
        seeds: number of seeds, from 0.
        threads: 0 for all cores.
    """
    columns = tree_columns(layout, (train, validation, test), label, 0)

    def grown(parameters: Mapping[str, Any], seed: int) -> Trees:
        return _grown(columns, train, validation, test, label, parameters, seed, threads)

    best = max((grown(parameters, 0) for parameters in draws(trials)), key=lambda trees: trees.validation)
    return [best, *(grown(best.parameters, seed) for seed in range(1, seeds))]


def draws(trials: int) -> Iterator[dict[str, Any]]:
    """Different points of `SPACE`, the same each time."""
    rng = np.random.default_rng(0)
    seen: set[tuple[int, ...]] = set()
    while len(seen) < min(trials, int(np.prod([len(values) for values in SPACE.values()]))):
        point = tuple(int(rng.integers(len(values))) for values in SPACE.values())
        if point not in seen:
            seen.add(point)
            yield {name: values[place] for place, (name, values) in zip(point, SPACE.items(), strict=True)}


def _grown(
    columns: Sequence[TreeColumns],
    train: PreparedRows,
    validation: PreparedRows,
    test: PreparedRows,
    label: str,
    parameters: Mapping[str, Any],
    seed: int,
    threads: int,
) -> Trees:
    apart = parameters["sources"] == "apart"
    trained = [source for source in train.source_names if len(train.of(source)) and len(validation.of(source))]
    groups = [(source,) for source in trained] if apart else [train.source_names]
    boosters = [_booster(columns, train, validation, label, parameters, group, seed, threads) for group in groups]
    kept = _kept(columns[0], parameters)

    def scores(part: TreeColumns, rows: PreparedRows) -> np.ndarray:
        every = np.stack([np.asarray(booster.predict(part.values[:, kept])) for booster in boosters])
        result = every.mean(axis=0)  # of sources without trees of their own
        for own, group in zip(every, groups, strict=True):
            chosen = _rows_of(rows, group)
            result[chosen] = own[chosen]
        return result

    held = source_ap(validation, label, scores(columns[1], validation))
    return Trees(parameters, held, scores(columns[2], test), sum(booster.best_iteration for booster in boosters))


def _booster(
    columns: Sequence[TreeColumns],
    train: PreparedRows,
    validation: PreparedRows,
    label: str,
    parameters: Mapping[str, Any],
    sources: Sequence[str],
    seed: int,
    threads: int,
) -> lightgbm.Booster:
    """Trees for the rows of some sources."""
    kept = _kept(columns[0], parameters)
    fit, held = (_rows_of(rows, sources) for rows in (train, validation))
    counts = np.bincount(train.source[fit], minlength=len(train.source_names))
    equal = len(fit) / np.count_nonzero(counts) / np.maximum(counts, 1)
    data = lightgbm.Dataset(
        columns[0].values[fit][:, kept],
        train.label(label)[fit],
        weight=equal[train.source[fit]] if parameters["sources"] == "equal" else None,
        categorical_feature=[kept.index(place) for place in columns[0].categories],
        free_raw_data=False,
    )
    labels, source = validation.label(label)[held], validation.source[held]

    def mean_ap(scores: np.ndarray, _: lightgbm.Dataset) -> tuple[str, float, bool]:
        return "source_ap", _mean_ap(labels, source, scores), True

    fixed = {
        "objective": "binary",
        "metric": "None",
        "deterministic": True,
        "force_row_wise": True,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "seed": seed,
        "num_threads": threads,
        "verbosity": -1,
    }
    return lightgbm.train(
        {**fixed, **{name: value for name, value in parameters.items() if name not in {"ids", "sources"}}},
        data,
        ROUNDS,
        valid_sets=[data.create_valid(columns[1].values[held][:, kept], labels)],
        feval=mean_ap,
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )


def _kept(columns: TreeColumns, parameters: Mapping[str, Any]) -> list[int]:
    return [place for place in range(columns.values.shape[1]) if parameters["ids"] or place not in columns.encoded]


def _rows_of(rows: PreparedRows, sources: Sequence[str]) -> np.ndarray:
    """Positions of the rows of some sources, rising."""
    return np.sort(np.concatenate([rows.of(source) for source in sources]))
