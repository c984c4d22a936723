"""The segments of an A/B test as data: which impressions count (docs/ab.md)."""

from dataclasses import dataclass

import polars as pl

from transforms.labelled import LESS_STREAMED, STREAM_TIER, STREAM_TIERS


@dataclass(frozen=True)
class Segment:
    """Impressions with one value of a column; all impressions if `column` is None."""

    name: str
    column: str | None = None
    value: int = 0

    @property
    def rows(self) -> pl.Expr:
        """Whether a row belongs to the segment."""
        return pl.lit(True) if self.column is None else pl.col(self.column) == self.value


LESS = Segment("less-streamed", LESS_STREAMED, 1)
ALL = Segment("all")
HEADLINES = (LESS, ALL)
"""The segments of the published table."""

TIERS = tuple(Segment(f"tier {tier}", STREAM_TIER, tier) for tier in range(STREAM_TIERS))

SEGMENTS = (*HEADLINES, *TIERS)
