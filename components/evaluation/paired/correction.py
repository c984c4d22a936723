"""Many differences at once: how many would be expected by chance alone, and what is left after a correction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scipy.stats import false_discovery_control

from components.evaluation.paired.row import PairedRow

LEVEL = 0.05
"""The level of every interval: the share of intervals that exclude 0 although the models do not differ."""


@dataclass(frozen=True)
class Tally:
    """How many of the shown differences may be chance.

    Attributes:
        judged: differences with enough positives.
        excluding: those of them whose 95 % interval excludes 0.
        by_chance: how many would do so if no two models differed; slices share rows, so they come in bunches.
        discoveries: those with q of at most 0.05: about 1 in 20 of them is chance.
    """

    judged: int
    excluding: int
    by_chance: float
    discoveries: int


def corrected(rows: Sequence[PairedRow]) -> tuple[PairedRow, ...]:
    """The rows with q-values: p-values corrected for the judged rows of the same measure.

    q is the smallest rate of false discoveries at which the row is still one (Benjamini and Hochberg 1995, "Controlling
    the False Discovery Rate"). It stays valid for slices that share rows (Benjamini and Yekutieli 2001: positive
    dependence). A row that is not judged has none.
    """
    q_values: dict[int, float] = {}
    for measure in dict.fromkeys(row.measure for row in rows):
        places = [
            place for place, row in enumerate(rows) if row.measure == measure and row.judged and row.p is not None
        ]
        if places:
            q_values |= dict(zip(places, false_discovery_control([rows[place].p for place in places]), strict=True))
    return tuple(
        replace(row, q=None if (q := q_values.get(place)) is None else float(q)) for place, row in enumerate(rows)
    )


def tally(rows: Sequence[PairedRow]) -> Tally:
    """Counts the differences of `rows`, of `corrected`."""
    judged = [row for row in rows if row.judged and row.p is not None]
    return Tally(
        judged=len(judged),
        excluding=sum(row.excludes_zero for row in judged),
        by_chance=LEVEL * len(judged),
        discoveries=sum(row.q is not None and row.q <= LEVEL for row in judged),
    )
