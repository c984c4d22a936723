"""One evaluated model beside another: typed rows that the terminal, CSV files, and pages render.

Usage, with `load` of `components/evaluation/results.py`:

    evaluation = load(uri)
    rows = compare(evaluation, load(other_uri), paired)  # `paired`: components/evaluation/paired, to tell chance
    by_source(rows, evaluation.sources)                  # the AP table of a run's summary, label by label
    without_repeats(rows)                                # the slice report, each set of rows once
"""

from collections.abc import Sequence
from dataclasses import dataclass

from components.evaluation.config import CANDIDATE
from components.evaluation.paired.measures import AP
from components.evaluation.paired.row import PairedRow
from components.evaluation.results import Evaluation, SliceFigure
from components.evaluation.settings import EvaluatedHead
from components.evaluation.slices import SliceKeys


@dataclass(frozen=True)
class ComparisonRow:
    """One head of a model on one slice, beside the head of another model that predicts the same label there.

    Attributes:
        head, label: the model's head and the label it predicts.
        keys: the slice's value of each column that it is sliced by; empty for all rows.
        figure: the model's figure, with positives, examples, base rate, and whether it is judged.
        other: the other model's figure on the same rows; None if it has no head for them.
        paired: the difference in AP from the other model, from paired rows; None if the scores were not kept.
        last: the difference in AP from the last blessed model; None if it was not compared.
    """

    head: str
    label: str
    keys: SliceKeys
    figure: SliceFigure
    other: SliceFigure | None = None
    paired: PairedRow | None = None
    last: PairedRow | None = None

    @property
    def source(self) -> str | None:
        """The slice's source; None for all sources that the head is measured on."""
        source = self.keys.get("source")
        return None if source is None else str(source)

    @property
    def relative_change(self) -> float | None:
        """AP / the other model's AP - 1; None where either has no AP, or positives are too few to judge."""
        if self.other is None or self.figure.ap is None or not self.other.ap or not self.figure.judged:
            return None
        return self.figure.ap / self.other.ap - 1


def compare(
    evaluation: Evaluation,
    other: Evaluation | None = None,
    paired: Sequence[PairedRow] = (),
    last: Sequence[PairedRow] = (),
) -> tuple[ComparisonRow, ...]:
    """Every figure of a model beside another model's figure on the same rows.

    It leaves out slices that cannot have rows: those of a source that the head is not measured on.

    Args:
        evaluation: of the model in question.
        other: of the model to compare it with, evaluated in the same run; None for no comparison.
        paired: the differences of the two, by label and slice.
        last: the differences from the last blessed model.

    Returns:
        Rows by head in the recipe's order, overall before finer slices.
    """
    heads = {head.name: head for head in evaluation.heads}
    rows = []
    for figure in evaluation.figures:
        head = heads[figure.head]
        if figure.model == CANDIDATE and figure.keys.get("source") in (None, *head.sources):
            beside = None if other is None else _beside(head, figure.keys, other)
            differences = (_difference(head, figure.keys, paired), _difference(head, figure.keys, last))
            rows.append(ComparisonRow(head.name, head.label, figure.keys, figure, beside, *differences))
    return tuple(rows)


def by_source(rows: tuple[ComparisonRow, ...], sources: tuple[str, ...]) -> tuple[ComparisonRow, ...]:
    """The rows by source alone: label by label in the order of `rows`, each label in the order of `sources`."""
    chosen = [row for row in rows if set(row.keys) == {"source"}]
    labels = list(dict.fromkeys(row.label for row in chosen))
    return tuple(sorted(chosen, key=lambda row: (labels.index(row.label), sources.index(str(row.source)))))


def without_repeats(rows: tuple[ComparisonRow, ...]) -> tuple[ComparisonRow, ...]:
    """The rows, without repeats: a head with a single source has the same rows for that source and for all sources."""
    sources: dict[str, set[str]] = {}
    for row in rows:
        if row.source is not None:
            sources.setdefault(row.head, set()).add(row.source)
    slices = {(row.head, frozenset(row.keys.items())) for row in rows}

    def repeats(row: ComparisonRow) -> bool:
        rest = frozenset((column, value) for column, value in row.keys.items() if column != "source")
        return row.source is not None and len(sources[row.head]) == 1 and (row.head, rest) in slices

    return tuple(row for row in rows if not repeats(row))


def _beside(head: EvaluatedHead, keys: SliceKeys, other: Evaluation) -> SliceFigure | None:
    """The other model's figure for the label of `head` on exactly the same rows."""
    sources = {str(keys["source"])} if "source" in keys else set(head.sources)
    for candidate in other.heads:
        if candidate.label != head.label or not sources <= set(candidate.sources):
            continue
        rest = _without_source(keys)
        figure = other.figure(candidate.name, rest) if set(candidate.sources) == sources else None
        if figure is None and len(sources) == 1:
            figure = other.figure(candidate.name, rest | {"source": next(iter(sources))})
        if figure is not None:
            return figure
    return None


def _difference(head: EvaluatedHead, keys: SliceKeys, rows: Sequence[PairedRow]) -> PairedRow | None:
    """The difference in AP of `head` on exactly the same rows; None if `rows` have none."""
    sources = {str(keys["source"])} if "source" in keys else set(head.sources)
    rest = _without_source(keys)
    for row in rows:
        same = row.measure == AP and row.label == head.label and set(row.heads) == {head.name}
        if same and set(row.sources) == sources and _without_source(row.keys) == rest:
            return row
    return None


def _without_source(keys: SliceKeys) -> dict[str, str | int]:
    return {column: value for column, value in keys.items() if column != "source"}
