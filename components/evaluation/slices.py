"""The slices that every metric is measured on (docs/model.md). To add a slice, add a row to `SLICES`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

from transforms.labelled import STREAM_TIERS

SliceKeys = Mapping[str, str | int]
"""A slice's value of each column that it is sliced by; empty for all rows."""


@dataclass(frozen=True)
class Slice:
    """Rows that share the values of some columns.

    Attributes:
        columns: one slice for every combination of their values; no columns means all rows. Each row has at most one
            value of a column. A text that a row lacks counts as the value "".
        only: of these columns, keep only the slices with this value.
    """

    columns: tuple[str, ...] = ()
    only: SliceKeys = field(default_factory=dict)

    def combinations(self, values: Mapping[str, tuple[str | int, ...]]) -> tuple[dict[str, str | int], ...]:
        """The keys of each slice, by the `values` of its columns; none where a column's values are not known."""
        known = [(self.only[column],) if column in self.only else values.get(column, ()) for column in self.columns]
        return tuple(dict(zip(self.columns, chosen, strict=True)) for chosen in product(*known))


SLICES: tuple[Slice, ...] = (
    Slice(),
    Slice(("source",)),
    Slice(("stream_tier",)),
    Slice(("source", "stream_tier")),
    Slice(("less_streamed",), only={"less_streamed": 1}),
    Slice(("source", "less_streamed"), only={"less_streamed": 1}),
)

TIERS = tuple(range(STREAM_TIERS))
LOW_TIERS = TIERS[3:]
"""The low-stream tiers, 3 to 7 (docs/data.md#stream-tiers). A model must not get worse on them unnoticed."""

COLUMNS = tuple(dict.fromkeys(column for slice_ in SLICES for column in slice_.columns))
"""Every column that a slice uses."""


def column_values(sources: tuple[str, ...]) -> dict[str, tuple[str | int, ...]]:
    """The column values that are known before any row is read, so that slices without rows are reported too.

    Args:
        sources: every source of the evaluation.
    """
    return {"source": sources, "stream_tier": TIERS}
