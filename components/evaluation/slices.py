"""The slices that every metric is read on (docs/model.md). Adding a slice is adding a row."""

from dataclasses import dataclass
from itertools import product

from transforms.labelled import STREAM_TIERS
from transforms.labels import SOURCES


@dataclass(frozen=True)
class Slice:
    """Rows that share the values of some columns.

    Attributes:
        columns: one slice for every combination of their values, of which each row has at most one; none is all rows.
            A text that a row lacks is the value "".
        only: of a single column, keep only this value's slice.
    """

    columns: tuple[str, ...] = ()
    only: int | str | None = None

    @property
    def combinations(self) -> tuple[dict[str, int | str], ...]:
        """The values of `columns` of each slice; none where a column's values are not listed in `VALUES`."""
        values = [(self.only,)] if self.only is not None else [VALUES.get(column, ()) for column in self.columns]
        return tuple(dict(zip(self.columns, chosen, strict=True)) for chosen in product(*values))


SLICES: tuple[Slice, ...] = (
    Slice(),
    Slice(("source",)),
    Slice(("stream_tier",)),
    Slice(("source", "stream_tier")),
    Slice(("less_streamed",), only=1),
)

TIERS = tuple(range(STREAM_TIERS))
LOW_TIERS = TIERS[3:]
"""All stream tiers below the high-stream ones, 0 to 2: the low-stream ones, 3 to 5, and those whose shows are smaller
still, for which no model may get worse unseen either."""

COLUMNS = tuple(dict.fromkeys(column for slice_ in SLICES for column in slice_.columns))
"""Every column that is sliced by."""

VALUES: dict[str, tuple[int | str, ...]] = {"source": SOURCES, "stream_tier": TIERS}
"""Values of columns, so that a slice without rows is known too."""
