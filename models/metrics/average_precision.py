"""Average precision, by the definition that training, evaluation and scikit-learn share."""

import numpy as np


def average_precision(labels: np.ndarray, scores: np.ndarray) -> float | None:
    """Exact average precision of scored examples; those of equal score enter together.

    The definition of scikit-learn's `average_precision_score`: no interpolation, no binning.

    Args:
        labels: 0/1, `[n]`.
        scores: finite floats, `[n]`.

    Returns:
        A value in (0, 1], or None without positives.
    """
    if not len(labels):
        return None
    order = np.argsort(-scores, kind="stable")
    last_of_score = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    hits = np.cumsum(labels[order], dtype=np.int64)[last_of_score]
    return average_precision_of_counts(np.diff(hits, prepend=0), np.diff(last_of_score + 1 - hits, prepend=0))


def average_precision_of_counts(positives: np.ndarray, negatives: np.ndarray) -> float | None:
    """`AP = sum_k (R_k - R_{k-1}) P_k` over the distinct scores, falling.

    Args:
        positives: examples of label 1 at each distinct score, the greatest first, `[k]`.
        negatives: examples of label 0 there, `[k]`.

    Returns:
        A value in (0, 1], or None without positives.
    """
    true = np.cumsum(positives)
    if not true.size or not true[-1]:
        return None
    return float(np.dot(positives, true / (true + np.cumsum(negatives))) / true[-1])
