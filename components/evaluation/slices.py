"""The slices that every metric is read on (SPEC section 7). Adding a slice is adding a row."""

from dataclasses import dataclass

from transforms.labelled import STREAM_TIERS


@dataclass(frozen=True)
class Slice:
    """Rows that share the values of some columns.

    Attributes:
        columns: one slice for every combination of their values; none is all rows.
        only: of a single column, keep only this value's slice.
    """

    columns: tuple[str, ...] = ()
    only: int | str | None = None


SLICES: tuple[Slice, ...] = (
    Slice(),
    Slice(("source",)),
    Slice(("stream_tier",)),
    Slice(("source", "stream_tier")),
    Slice(("less_streamed",), only=1),
)

TIERS = tuple(range(STREAM_TIERS))
LOW_TIERS = TIERS[3:]
"""Stream tiers below the high-stream ones, 0 to 2 (SPEC 4.1)."""
