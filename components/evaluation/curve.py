"""The mergeable state of average precision: how many positives and negatives each score has.

A curve is exact while it holds at most `limit` distinct scores. Beyond that it summarises: every score keeps as many
leading mantissa bits as fit under the limit, a *relative* rounding, since scores of rare outcomes sit near 0. The bits
kept depend on the set of scores only, so any split of the rows and any order of merging give the same curve.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.metrics.average_precision import average_precision_of_counts

EXACT_BITS = 23  # mantissa bits of a float32


@dataclass(frozen=True, eq=False)
class ScoreCurve:
    """Counts by distinct score, scores ascending.

    Attributes:
        scores: float32 [k], strictly ascending.
        positives: int32 [k], rows of label 1 at each score; an evaluation has a hundred curves of up to `limit` scores,
            so their bytes count.
        negatives: int32 [k], rows of label 0 at each score.
        bits: leading mantissa bits that each score keeps; `EXACT_BITS` means that nothing was rounded.
    """

    scores: NDArray[np.float32]
    positives: NDArray[np.int32]
    negatives: NDArray[np.int32]
    bits: int = EXACT_BITS

    @property
    def exact(self) -> bool:
        """Whether the scores are those given."""
        return self.bits == EXACT_BITS


EMPTY = ScoreCurve(np.empty(0, np.float32), np.empty(0, np.int32), np.empty(0, np.int32))


def from_rows(labels: NDArray, scores: NDArray, limit: int) -> ScoreCurve:
    """The curve of some rows.

    Args:
        labels: [n], 1 or True for a positive.
        scores: float [n]; NaN ranks last.
        limit: most distinct scores to hold.
    """
    scores = scores.astype(np.float32) + np.float32(0)  # a new array, in which -0.0 has become 0.0
    scores[np.isnan(scores)] = -np.inf
    positive = labels.astype(bool)
    return _limited(_tally(scores, positive.astype(np.int32), (~positive).astype(np.int32), EXACT_BITS), limit)


def merge(curves: Sequence[ScoreCurve], limit: int) -> ScoreCurve:
    """The curve of the rows of all `curves`."""
    curves = [curve for curve in curves if curve.scores.size]
    if len(curves) <= 1:
        return curves[0] if curves else EMPTY
    bits = min(curve.bits for curve in curves)
    scores = np.concatenate([_rounded(curve.scores, bits) for curve in curves])
    positives = np.concatenate([curve.positives for curve in curves])
    negatives = np.concatenate([curve.negatives for curve in curves])
    return _limited(_tally(scores, positives, negatives, bits), limit)


def average_precision(curve: ScoreCurve) -> float | None:
    """Average precision of the curve's rows, None without positives."""
    return average_precision_of_counts(curve.positives[::-1], curve.negatives[::-1])


def _limited(curve: ScoreCurve, limit: int) -> ScoreCurve:
    while curve.scores.size > limit and curve.bits > 0:
        bits = curve.bits - 1
        curve = _tally(_rounded(curve.scores, bits), curve.positives, curve.negatives, bits)
    return curve


def _rounded(scores: NDArray[np.float32], bits: int) -> NDArray[np.float32]:
    """Scores without the mantissa bits after the first `bits`; rounding towards 0 keeps their order."""
    if bits == EXACT_BITS:
        return scores
    kept = np.uint32(0xFFFFFFFF << (EXACT_BITS - bits) & 0xFFFFFFFF)
    rounded: NDArray[np.float32] = (scores.view(np.uint32) & kept).view(np.float32)
    return rounded + np.float32(0)


def _tally(
    scores: NDArray[np.float32], positives: NDArray[np.int32], negatives: NDArray[np.int32], bits: int
) -> ScoreCurve:
    """Sorts by score and adds up the counts of equal scores."""
    if not scores.size:
        return EMPTY
    order = np.argsort(scores, kind="stable")  # radix-like on runs that are sorted already, as merged curves are
    scores = scores[order]
    first = np.flatnonzero(np.concatenate([[True], scores[1:] != scores[:-1]]))
    positives, negatives = (np.add.reduceat(counts[order], first, dtype=np.int32) for counts in (positives, negatives))
    return ScoreCurve(scores[first], positives, negatives, bits)
