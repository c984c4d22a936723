"""Reliability curves, precision-recall curves, and histograms of scores, from the kept scores."""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from components.evaluation.calibration import expected_over_observed
from components.evaluation.scores import Scores
from components.evaluation.user_sums import group_of, sums_of
from components.report.data import Bin, Curves, TierCurve
from transforms.labelled import STREAM_TIER

BINS = 10
"""Points of a reliability curve."""

POINTS = 100
"""Most points of a precision-recall curve."""

TIERS = {"high-stream, tiers 0 to 2": (0, 2), "low-stream, tiers 3 to 5": (3, 5), "tiers 6 and 7": (6, 7)}
"""The first and the last stream tier of each reliability curve by tiers."""

_SCORE_BINS = np.logspace(-5, 0, 31)


def curves_of(scores: Scores) -> Iterator[Curves]:
    """The curves of each head on each source that it is measured on; none for a head without a row there."""
    users = group_of(scores.rows["user_id"].cast(pl.Binary).to_numpy())
    sources, tiers = scores.rows["source"].to_numpy(), scores.rows[STREAM_TIER].to_numpy()
    for head in scores.about.heads:
        for source in head.sources:
            chosen = sources == source
            predictions = scores.score(head.name)[chosen].astype(np.float64)
            labels = scores.label(head.label)[chosen]
            finite = np.isfinite(predictions)
            if finite.any():
                rows = predictions[finite], labels[finite], users[chosen][finite]
                yield Curves(
                    head.name,
                    head.label,
                    source,
                    tuple(reliability(*rows)),
                    tuple(_by_tiers(*rows, tiers[chosen][finite], scores.about.min_positives)),
                    tuple(precision_recall(*rows[:2])),
                    tuple(histogram(*rows[:2])),
                )


def _by_tiers(
    predictions: NDArray[np.float64],
    labels: NDArray,
    groups: NDArray[np.int16],
    tiers: NDArray[np.int8],
    least: int,
) -> Iterator[TierCurve]:
    for name, (first, last) in TIERS.items():
        rows = (tiers >= first) & (tiers <= last)
        if rows.any():
            curve = tuple(reliability(predictions[rows], labels[rows], groups[rows]))
            yield TierCurve(name, curve, judged=sum(point.positives for point in curve) >= least)


def reliability(predictions: NDArray[np.float64], labels: NDArray, groups: NDArray[np.int16]) -> Iterator[Bin]:
    """Mean prediction against the observed rate, in bins that hold equal sums of predictions.

    Bins of equal sums expect equally many outcomes, so all points are about equally sure, also for a rare outcome.

    Args:
        predictions: finite, [n].
        labels: 0 or 1, [n].
        groups: the group of each row's user, [n].
    """
    order = np.argsort(predictions, kind="stable")
    sums = np.cumsum(predictions[order])
    edges = np.searchsorted(sums, sums[-1] * np.arange(1, BINS) / BINS, side="left") + 1 if sums[-1] > 0 else []
    for rows in np.split(order, np.unique(edges)):
        if not rows.size:
            continue
        ratio = expected_over_observed(sums_of(groups[rows], labels[rows] > 0, predictions[rows]))
        predicted, positives = float(predictions[rows].mean()), int((labels[rows] > 0).sum())
        yield Bin(
            predicted=predicted,
            observed=positives / rows.size,
            low=None if ratio.high is None else predicted / ratio.high,
            high=None if not ratio.low else min(predicted / ratio.low, 1.0),  # it is a share
            examples=int(rows.size),
            positives=positives,
        )


def precision_recall(predictions: NDArray[np.float64], labels: NDArray) -> Iterator[tuple[float, float]]:
    """Pairs of recall and precision, at `POINTS` equal steps of recall at most; rows of equal score count together."""
    order = np.argsort(-predictions, kind="stable")
    hits = np.cumsum(labels[order] > 0)
    last = np.append(np.flatnonzero(np.diff(predictions[order])), order.size - 1)  # of each distinct score
    positives = int(hits[-1])
    if not positives:
        return
    wanted = np.unique(np.ceil(np.linspace(0, 1, min(POINTS, positives) + 1)[1:] * positives).astype(int))
    for at in np.unique(np.searchsorted(hits[last], wanted)):
        yield float(hits[last[at]] / positives), float(hits[last[at]] / (last[at] + 1))


def histogram(predictions: NDArray[np.float64], labels: NDArray) -> Iterator[tuple[float, float, float]]:
    """Triples of a score and the shares of the rows without and with the outcome that have about this score."""
    places = np.clip(np.digitize(predictions, _SCORE_BINS) - 1, 0, len(_SCORE_BINS) - 2)
    middles = np.sqrt(_SCORE_BINS[:-1] * _SCORE_BINS[1:])
    counts = [np.bincount(places[labels == value], minlength=len(middles)) for value in (0, 1)]
    shares = [count / max(count.sum(), 1) for count in counts]
    for middle, *both in zip(middles, *shares, strict=True):
        if any(both):
            yield float(middle), float(both[0]), float(both[1])
