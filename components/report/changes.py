"""The differences of a run's models from each other, from the last blessed ones, and from those of other runs."""

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from components.evaluation.errors import EvaluationError
from components.evaluation.paired.compare import compare
from components.evaluation.paired.correction import corrected, tally
from components.evaluation.paired.measures import AP
from components.evaluation.paired.row import PairedRow
from components.evaluation.paired.slices import BY_SOURCE, PAIRED_SLICES
from components.evaluation.scores import Scores, read_compared, read_scores
from components.evaluation.slices import Slice
from components.report.data import LAST_BLESSED, Change, Trend
from components.report.inputs import OtherModel, RunContext


def changes_of(scores: Mapping[str, Scores], slices: Sequence[Slice] = PAIRED_SLICES) -> Iterator[Change]:
    """Each branch beside the first one, then each beside the last blessed model.

    Args:
        scores: of the branches whose scores were kept, by name.
        slices: the slices.
    """
    for name, ours in list(scores.items())[1:]:
        first, theirs = next(iter(scores.items()))
        yield change_of(name, first, compare([ours], [theirs], slices))
    for name, ours in scores.items():
        if last := ours.last_blessed:
            yield change_of(name, LAST_BLESSED, compare([ours], [last], slices))


def by_source(change: Change) -> Change:
    """The differences by source alone, corrected for each other alone."""
    rows = [row for row in change.rows if set(row.keys) == {"source"}]
    return change_of(change.model, change.other, corrected(rows))


def changes_against(context: RunContext) -> Iterator[Change]:
    """Each branch beside each model of another run.

    Raises:
        EvaluationError: scores cannot be read, or two models share no test row.
    """
    own = {model.name: read_scores(model.scores) for model in context.own} if context.against else {}
    for other in context.against:
        theirs = read_compared(other.scores)
        for name, ours in own.items():
            yield change_of(name, other.name, compare([ours], [theirs]))


def trend_of(context: RunContext) -> Iterator[Trend]:
    """The pushed branch beside each earlier model of it. An earlier model that cannot be compared stops no report."""
    if not context.earlier or context.latest is None:
        return
    ours = read_compared(context.latest.scores, ("user_id", "source"))
    for other in context.earlier:
        yield _beside_earlier(other, ours)


def _beside_earlier(other: OtherModel, ours: Scores) -> Trend:
    try:
        return Trend(other.name, compare([ours], [read_compared(other.scores)], BY_SOURCE, (AP,)))
    except EvaluationError as error:
        return Trend(other.name, (), str(error))
    except (OSError, pa.ArrowException) as error:
        return Trend(other.name, (), f"Its scores in {other.scores} cannot be read: {error}")


def change_of(name: str, other: str, rows: tuple[PairedRow, ...]) -> Change:
    """The differences of the model `name` from `other`, and how many there are by chance."""
    return Change(name, other, rows, tally([row for row in rows if row.measure == AP]))
