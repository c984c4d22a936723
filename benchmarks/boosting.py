"""LightGBM on the inputs of a trained model, tuned on validation alone.

Ke et al., "LightGBM: a highly efficient gradient boosting decision tree" (NeurIPS 2017).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from sklearn.preprocessing import TargetEncoder

from models.metrics.average_precision import average_precision
from models.prepared_rows import PreparedRows
from transforms.packed import PackedLayout

CODES_UP_TO = 64
"""Ids of a feature with at most so many rows are categories of LightGBM; others are target-encoded."""

SPACE: dict[str, tuple[Any, ...]] = {
    "num_leaves": (15, 31, 63),
    "learning_rate": (0.03, 0.05),
    "feature_fraction": (0.3, 0.5, 0.8),
    "min_data_in_leaf": (20, 100, 300),
    "lambda_l2": (0.0, 10.0),
    "ids": (True, False),
}
"""What the search draws from. `ids` says whether the trees see the target-encoded ids."""

ROUNDS, PATIENCE = 2_000, 60


@dataclass(frozen=True)
class Columns:
    """What the trees read.

    Attributes:
        values: float32 `[n, columns]`; NaN where a number is missing.
        categories: positions of the columns that hold codes.
        encoded: positions of the columns that hold target encodings.
    """

    values: np.ndarray
    categories: tuple[int, ...]
    encoded: tuple[int, ...]


@dataclass(frozen=True)
class Trees:
    """Trained trees.

    Attributes:
        parameters: the values drawn from `SPACE`.
        validation: mean AP of the sources on validation.
        scores: probabilities of the test rows, `[n]`.
        trees: their number.
    """

    parameters: Mapping[str, Any]
    validation: float
    scores: np.ndarray
    trees: int


def tree_columns(layout: PackedLayout, splits: Sequence[PreparedRows], label: str, seed: int) -> list[Columns]:
    """The columns of each split, the training rows first.

    A z-score is NaN where it is missing; a vector is one column for each number. Ids of many values become the mean
    label of their training rows (Micci-Barreca 2001), smoothed. For the training rows, the mean is over other folds.
    Of a feature with several ids, it is the mean over those present. The source is a category.

    Args:
        layout: columns of the rows.
        splits: the rows; the first ones are trained on.
        label: what the encodings count.
        seed: of the folds.
    """
    parts: list[list[np.ndarray]] = [[] for _ in splits]
    categories, encoded, place = [], [], 0
    for feature in layout.ids:
        ids = [rows.ids[:, feature.column : feature.column + feature.width] - feature.row for rows in splits]
        if feature.width == 1 and feature.rows <= CODES_UP_TO:
            categories.append(place)
        else:
            encoded.append(place)
            ids = _target_encoded(ids, splits[0].label(label), seed)
        for part, values in zip(parts, ids, strict=True):
            part.append(values)
        place += 1
    for number in layout.floats:
        for part, rows in zip(parts, splits, strict=True):
            values = rows.floats[:, number.column : number.column + number.width]
            part.append(np.where(values[:, 1::2] > 0, values[:, ::2], np.nan) if number.quantiles else values)
        place += parts[0][-1].shape[1]
    for part, rows in zip(parts, splits, strict=True):
        part.append(rows.source[:, None])
    joined = [np.concatenate(part, axis=1).astype(np.float32) for part in parts]
    return [Columns(values, (*categories, place), tuple(encoded)) for values in joined]


def _target_encoded(ids: Sequence[np.ndarray], labels: np.ndarray, seed: int) -> list[np.ndarray]:
    encoder = TargetEncoder(random_state=seed, target_type="binary")
    columns = [encoder.fit_transform(ids[0], labels), *(encoder.transform(values) for values in ids[1:])]
    present = [values != 0 for values in ids]
    return [
        np.where(known.any(axis=1), (mean * known).sum(axis=1) / np.maximum(known.sum(axis=1), 1), np.nan)[:, None]
        for mean, known in zip(columns, present, strict=True)
    ]


def source_ap(rows: PreparedRows, label: str, scores: np.ndarray) -> float:
    """Mean over the sources of the AP on the source's rows; a source without positives is left out."""
    labels = rows.label(label)
    aps = [average_precision(labels[own], scores[own]) for own in map(rows.of, rows.source_names)]
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

    Each number of trees is that with the best mean AP of the sources on validation, too.

    Args:
        layout: columns of the rows.
        train: rows to learn from.
        validation: rows that choose the parameters and the number of trees.
        test: rows to score.
        label: what is predicted.
        trials: draws from `SPACE`.
        seeds: number of seeds, from 0.
        threads: 0 for all cores.
    """
    columns = tree_columns(layout, (train, validation, test), label, 0)

    def grown(parameters: Mapping[str, Any], seed: int) -> Trees:
        return _grown(columns, train, validation, label, parameters, seed, threads)

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
    columns: Sequence[Columns],
    train: PreparedRows,
    validation: PreparedRows,
    label: str,
    parameters: Mapping[str, Any],
    seed: int,
    threads: int,
) -> Trees:
    kept = [
        place for place in range(columns[0].values.shape[1]) if parameters["ids"] or place not in columns[0].encoded
    ]
    categories = [kept.index(place) for place in columns[0].categories]
    fit, held, scored = (part.values[:, kept] for part in columns)
    data = lightgbm.Dataset(fit, train.label(label), categorical_feature=categories, free_raw_data=False)
    checked = data.create_valid(held, validation.label(label))

    def mean_ap(scores: np.ndarray, _: lightgbm.Dataset) -> tuple[str, float, bool]:
        return "source_ap", source_ap(validation, label, scores), True

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
    drawn = {name: value for name, value in parameters.items() if name != "ids"}
    booster = lightgbm.train(
        {**fixed, **drawn},
        data,
        ROUNDS,
        valid_sets=[checked],
        feval=mean_ap,
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )
    count = booster.best_iteration
    on_held, on_test = (np.asarray(booster.predict(part, num_iteration=count)) for part in (held, scored))
    return Trees(parameters, source_ap(validation, label, on_held), on_test, count)
