"""One measured difference of two models, as a typed record that the terminal, CSV files, and pages render."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from components.evaluation.results import slice_name
from components.evaluation.slices import SliceKeys


@dataclass(frozen=True)
class PairedRow:
    """One measure of one label on one slice, of two sides, on the same rows and the same sources.

    Attributes:
        label: the label.
        measure: `ap`, `log_loss`, or `calibration` (`components/evaluation/paired/measures.py`).
        keys: the slice's value of each column that it is sliced by; empty for all rows.
        sources: the sources whose rows count: those that both sides measure the label on.
        heads, other_heads: the heads of each side, one for each of `sources` in that order.
        examples, positives: counts of rows.
        users: users with a positive.
        judged: whether there are enough positives and enough users with one.
        ours, theirs: the mean over each side's models; None where the rows have no such value, as all below. If one
            side alone has none, it has a score that is not a finite number.
        difference, low, high: `ours` - `theirs` and its 95 % interval, by user.
        relative, relative_low, relative_high: `ours` / `theirs` - 1 and its 95 % interval, by user.
        p: two-sided p-value of the relative change.
        q: `p` corrected for the rows that it was shown with; None if the row is not judged.
        log_error, degrees, seeds_share: see `Difference`.
    """

    label: str
    measure: str
    keys: SliceKeys
    sources: tuple[str, ...]
    heads: tuple[str, ...]
    other_heads: tuple[str, ...]
    examples: int
    positives: int
    users: int
    judged: bool
    ours: float | None = None
    theirs: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    relative: float | None = None
    relative_low: float | None = None
    relative_high: float | None = None
    p: float | None = None
    q: float | None = None
    log_error: float | None = None
    degrees: float | None = None
    seeds_share: float | None = None

    @property
    def slice(self) -> str:
        """The slice's name, e.g. `overall` or `source=ad, stream_tier=3`."""
        return slice_name(self.keys)

    @property
    def broken(self) -> bool:
        """Whether one side alone has no value, because one of its scores is not a finite number."""
        return (self.ours is None) != (self.theirs is None)

    @property
    def excludes_zero(self) -> bool:
        """Whether the row is judged and the interval of the relative change excludes 0."""
        if self.relative_low is None or self.relative_high is None or not self.judged:
            return False
        return self.relative_low > 0 or self.relative_high < 0


def several_heads(rows: Iterable[PairedRow]) -> set[str]:
    """The labels of which a slice has several rows, one for each head: readers need the names of the heads."""
    counts = Counter((row.label, row.measure, row.slice) for row in rows)
    return {label for (label, _, _), count in counts.items() if count > 1}
