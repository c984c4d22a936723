"""Whether a model keeps up with the last blessed one, judged on the same rows once both models' scores are written.

Rows of one user are not independent, and both models score the same rows. So chance is judged by the interval of the
paired difference, by user (`components/evaluation/paired`). TFMA's metrics cannot do this: they see a part of the rows
at a time, and a row's influence on AP depends on all others.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from components.evaluation.blessing import verdicts
from components.evaluation.conditions import KEPT, Selection
from components.evaluation.config import BASELINE, CANDIDATE
from components.evaluation.paired.ap_change import APChange
from components.evaluation.paired.cells import Cells
from components.evaluation.paired.compare import MIN_USERS
from components.evaluation.paired.difference import difference
from components.evaluation.paired.measures import average_precision
from components.evaluation.paired.ranking import Ranking, RowUsers
from components.evaluation.scores import About, Scores, label_column, read_about, read_scores, score_column
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
    heads = dict.fromkeys(item.condition.head for item in judged if _comparable(item))
    if heads:
        columns = columns_of(read_about(scores), heads)
        changes = Changes(read_scores(scores, columns))
        judged = tuple(_with_change(item, changes) if _comparable(item) else item for item in judged)
        write_verdicts(evaluation, judged)
    return all(item.passed for item in judged)


def columns_of(about: About, heads: Iterable[str]) -> list[str]:
    """The columns of the scores that `Changes` of these heads needs."""
    chosen = set(heads)
    labels = [label_column(head.label) for head in about.heads if head.name in chosen]
    scores = [score_column(model, head) for head in chosen for model in (CANDIDATE, BASELINE)]
    return ["user_id", "source", STREAM_TIER, *labels, *scores]


class Changes:
    """The differences in AP of a model from the last blessed one, on any rows of any head.

    Users are numbered once. The rows of a head are sorted once for each model, and kept until another head is wanted.

    Args:
        scores: of both models.
    """

    def __init__(self, scores: Scores) -> None:
        self._scores = scores
        self._users = RowUsers.of(scores.rows)
        self._cells = Cells.of(scores.rows, ("source", STREAM_TIER))
        self._sorted: dict[str, list[Ranking]] = {}

    def of(self, selection: Selection) -> APChange | None:
        """The difference on the selected rows; None if too few users have a positive there."""
        values = self._cells.values
        chosen = np.isin(values["source"].to_numpy(), selection.sources)
        if selection.tiers is not None:
            chosen &= np.isin(values[STREAM_TIER].to_numpy(), selection.tiers)
        ours, theirs = (model.among(chosen) for model in self._both(selection.head))
        if np.unique(ours.users[ours.positive]).size < MIN_USERS:
            return None
        first, second = ([value] for side in (ours, theirs) if (value := average_precision(side)) is not None)
        result = difference(first, second)
        return None if result is None else APChange(result.difference, result.low, result.high)

    def _both(self, head: str) -> list[Ranking]:
        if head not in self._sorted:
            self._sorted = {head: list(self._sort(head))}
        return self._sorted[head]

    def _sort(self, head: str) -> Iterator[Ranking]:
        label = next(each.label for each in self._scores.about.heads if each.name == head)
        for model in (CANDIDATE, BASELINE):
            scores = self._scores.rows[score_column(model, head)].to_numpy()
            yield Ranking.of(self._scores.label(label), scores, self._users, self._cells)


def _comparable(item: Verdict) -> bool:
    """Whether both models have a figure, so that the paired difference decides."""
    both = item.candidate.judged and item.baseline is not None and item.baseline.ap is not None
    return item.condition.kind == KEPT and item.refusal is None and both


def _with_change(item: Verdict, changes: Changes) -> Verdict:
    return verdict(item.condition, item.candidate, item.baseline, change=changes.of(item.condition.selection))
