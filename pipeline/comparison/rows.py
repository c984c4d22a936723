"""Every difference of some models from a reference, as rows for the screen and for a CSV file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from components.evaluation.paired.compare import compare
from components.evaluation.paired.row import PairedRow
from files.tables import write_table
from pipeline.comparison.models import ScoredModel

_NOT_WRITTEN = {"keys", "log_error", "degrees"}
_TEXTS = {"sources", "heads", "other_heads"}


SAME = "both are the same trained model, so nothing can differ; name another run, see `coldcast runs list`"


@dataclass(frozen=True)
class Compared:
    """A model beside the reference.

    Attributes:
        model, reference: names of both.
        rows: the differences of the model from the reference, corrected for each other.
        same: whether both names are of one trained model.
    """

    model: str
    reference: str
    rows: tuple[PairedRow, ...]
    same: bool = False


def compared_with(reference: ScoredModel, others: Sequence[ScoredModel]) -> Iterator[Compared]:
    """Each of the `others` beside the reference, on all slices.

    Raises:
        EvaluationError: two models have no test row in common, or label the same row differently.
    """
    for model in others:
        rows = compare([model.scores], [reference.scores])
        yield Compared(model.name, reference.name, rows, same=bool(model.uri) and model.uri == reference.uri)


def on_screen(rows: Sequence[PairedRow], label: str | None) -> list[PairedRow]:
    """The rows by source, and by source of less-streamed and of unseen shows: few enough to read at once."""
    shown = ({"source"}, {"source", "less_streamed"}, {"source", "unseen_show"})
    return [
        row
        for row in rows
        if label in (None, row.label) and set(row.keys) in shown and row.keys.get("less_streamed", 1) == 1
    ]


def write_compared(path: Path, compared: Sequence[Compared]) -> None:
    """A line for each model, label, slice, and measure; a missing value is empty."""
    names = [field.name for field in fields(PairedRow) if field.name not in _NOT_WRITTEN]
    lines: list[list[object]] = []
    for item in compared:
        for row in item.rows:
            values = [getattr(row, name) for name in names]
            cells = [" ".join(value) if name in _TEXTS else value for name, value in zip(names, values, strict=True)]
            lines.append([item.model, item.reference, row.slice, *cells])
    write_table(path, ["model", "reference", "slice", *names], lines)
