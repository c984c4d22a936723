"""Whether a model keeps up with the last blessed one, judged on the same rows once both models' scores are written.

Rows of one user are not independent, and both models score the same rows. So chance is judged by the interval of the
paired difference, by user (`components/evaluation/paired`). TFMA's metrics cannot do this: they see a part of the rows
at a time, and a row's influence on AP depends on all others.
"""

import numpy as np
from numpy.typing import NDArray

from components.evaluation.blessing import verdicts
from components.evaluation.conditions import KEPT, Selection
from components.evaluation.paired.change import Change
from components.evaluation.paired.compare import MIN_USERS
from components.evaluation.paired.difference import difference
from components.evaluation.paired.measures import Measured, Scored, average_precision
from components.evaluation.scores import Scores, read_scores
from components.evaluation.verdict import Verdict, verdict, write_verdicts
from transforms.labelled import STREAM_TIER


def judge_kept(evaluation: str, scores: str) -> bool:
    """Adds the paired differences to the verdicts of an evaluation.

    Args:
        evaluation: folder of the ModelEvaluation, whose verdicts it writes anew.
        scores: folder of the scores of both models.

    Returns:
        Whether every condition is met.
    """
    judged = verdicts(evaluation)
    if any(_comparable(item) for item in judged):
        ours = read_scores(scores)
        if theirs := ours.last_blessed:
            judged = tuple(_with_change(item, ours, theirs) if _comparable(item) else item for item in judged)
            write_verdicts(evaluation, judged)
    return all(item.passed for item in judged)


def change_of(ours: Scores, theirs: Scores, selection: Selection) -> Change | None:
    """The difference in AP of a head on the selected rows; None if too few users have a positive there.

    Args:
        ours: the new model's scores.
        theirs: the last blessed model's, of the same rows.
        selection: the head and its rows.
    """
    rows = np.isin(ours.rows["source"].to_numpy(), selection.sources)
    if selection.tiers is not None:
        rows &= np.isin(ours.rows[STREAM_TIER].to_numpy(), selection.tiers)
    label = next(head.label for head in ours.about.heads if head.name == selection.head)
    labels = ours.label(label)[rows].astype(np.float64)
    ids, users = np.unique(ours.rows["user_id"].to_numpy()[rows], return_inverse=True)
    if np.unique(users[labels > 0]).size < MIN_USERS:
        return None
    values = [
        _ap(model.score(selection.head)[rows].astype(np.float64), labels, users, ids.size) for model in (ours, theirs)
    ]
    first, second = ([value] for value in values if value is not None)
    result = difference(first, second)
    return None if result is None else Change(result.difference, result.low, result.high)


def _ap(scores: NDArray[np.float64], labels: NDArray, users: NDArray, all_users: int) -> Measured | None:
    scores[~np.isfinite(scores)] = -np.inf
    order = np.argsort(-scores, kind="stable")
    return average_precision(Scored(labels[order], scores[order], users[order], all_users))


def _comparable(item: Verdict) -> bool:
    """Whether both models have a figure, so that the paired difference decides."""
    both = item.candidate.judged and item.baseline is not None and item.baseline.ap is not None
    return item.condition.kind == KEPT and item.refusal is None and both


def _with_change(item: Verdict, ours: Scores, theirs: Scores) -> Verdict:
    change = change_of(ours, theirs, item.condition.selection)
    return verdict(item.condition, item.candidate, item.baseline, change=change)
