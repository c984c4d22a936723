"""The outcome of a run in a few sentences, for a reader who reads nothing else."""

from collections.abc import Iterator, Sequence

from components.evaluation.paired.measures import AP
from components.evaluation.paired.row import PairedRow, several_heads
from components.report.data import BranchReport, Change
from transforms.domain import STREAM


def verdict(branches: Sequence[BranchReport], changes: Sequence[Change], published: str | None) -> tuple[str, ...]:
    """Which models were blessed and which is published, then the differences in AP of streams by source."""
    return (*_outcomes(branches, published), *difference_sentences(changes))


def difference_sentences(changes: Sequence[Change]) -> tuple[str, ...]:
    """The differences in AP of streams by source, a sentence for each two models."""
    return tuple(sentence for change in changes for sentence in _differences(change))


def _outcomes(branches: Sequence[BranchReport], published: str | None) -> Iterator[str]:
    for branch in branches:
        if branch.blessed is None:
            yield f"{branch.name} was not judged for a blessing."
        elif branch.blessed:
            yield f"{branch.name} is blessed."
        else:
            yield f"{branch.name} is not blessed: {' '.join(branch.reasons)}"
    if published is not None:
        yield f"Version {published} is published." if published else "This run's model is not published."


def _differences(change: Change) -> Iterator[str]:
    rows = [row for row in change.rows if (row.label, row.measure, set(row.keys)) == (STREAM, AP, {"source"})]
    if rows:
        several = several_heads(rows)
        parts = ", ".join(_difference(row, row.label in several) for row in rows)
        yield f"{change.model} beside {change.other}, AP of streams on the same test rows: {parts}."


def _difference(row: PairedRow, with_head: bool) -> str:
    place = f"{row.keys['source']}{f' (head {row.heads[0]})' if with_head else ''}"
    if not row.judged or row.relative is None:
        return f"{place} cannot be judged ({row.positives:,} positives)"
    surely = "" if row.excludes_zero else ", which may be chance"
    return f"{place} {row.relative:+.1%} ({row.relative_low:+.1%} to {row.relative_high:+.1%}){surely}"
