"""Listening and impressions of each show near the end of the logs, counted while `coldcast check-logs` reads them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from logs.chunks import Chunk
from logs.times import HISTORY_DAYS
from transforms.domain import STREAM, Domain
from transforms.labelled import TIER_MS, TIER_STREAMS

SHOWN_DAYS = 7
"""Impressions of so many days count, the last one included."""


@dataclass
class ShowCounts:
    """The counts of good rows, a chunk at a time; duplicates count, too.

    Attributes:
        last: the last day of impressions.
        domain: its sources, and the shortest stream that tiers count.
    """

    last: date
    domain: Domain
    _shown: list[pl.DataFrame] = field(default_factory=list)
    _heard: list[pl.DataFrame] = field(default_factory=list)

    def add(self, chunk: Chunk, rows: pl.DataFrame, good: pl.Series) -> None:
        """Counts the rows of a chunk for which `good` is true."""
        day = chunk.day
        if chunk.table == "impressions" and day and self.first <= day <= self.last:
            shown = rows.select("show_id", "source").filter(good)
            self._shown.append(shown.group_by("show_id", "source").len("impressions"))
        if chunk.table == "interactions" and day and self.last - timedelta(HISTORY_DAYS) <= day < self.last:
            acts = rows.select("show_id", "kind", "listened_ms").filter(good)
            long = pl.col("listened_ms") > self.domain.labels[STREAM].min_stream_ms
            streams = acts.filter(pl.col("kind") == STREAM, long)
            sums = (pl.col("listened_ms").sum().alias(TIER_MS), pl.len().cast(pl.Int64).alias(TIER_STREAMS))
            self._heard.append(streams.group_by("show_id").agg(sums))

    @property
    def first(self) -> date:
        """The first day of the impressions that count."""
        return self.last - timedelta(SHOWN_DAYS - 1)

    def shows(self) -> pl.DataFrame:
        """A row for each show with impressions: show_id, tier_ms, tier_streams, and its impressions of each source."""
        sources: Sequence[str] = self.domain.sources
        empty = {"show_id": pl.String, TIER_MS: pl.Int64, TIER_STREAMS: pl.Int64}
        heard = pl.concat([pl.DataFrame(schema=empty), *self._heard]).group_by("show_id").sum()
        if not self._shown:
            return heard.clear().with_columns(pl.lit(0).alias(source) for source in sources)
        shown = pl.concat(self._shown)
        by_source = [
            pl.col("impressions").filter(pl.col("source") == source).sum().cast(pl.Int64).alias(source)
            for source in sources
        ]
        counted = shown.group_by("show_id").agg(by_source).join(heard, on="show_id", how="left")
        return counted.with_columns(pl.col(TIER_MS, TIER_STREAMS).fill_null(0)).sort("show_id")
