"""The counts of a table for `coldcast check-logs`, which reads it as ingestion does and writes nothing."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from components.ingestion.compute.coverage import FATES, Coverage
from components.ingestion.outputs.accounting import DayCount
from components.ingestion.outputs.quarantine import counts_of, reason
from components.ingestion.steps.load import load_chunk
from logs.chunks import Chunk
from logs.errors import FileError
from logs.schema import TABLES, Column
from transforms.domain import Domain
from transforms.feature import Feature


@dataclass
class Preview:
    """A table that was read without writing anything.

    Attributes:
        quarantined: rows by reason.
        problems: problems that would stop ingestion, as (path, problem).
        usable: good impressions by day, source and fate (`compute.coverage.FATES`); duplicates are counted, too.
    """

    quarantined: Counter[str] = field(default_factory=Counter)
    problems: list[tuple[str, str]] = field(default_factory=list)
    usable: Counter[tuple[date, str, str]] = field(default_factory=Counter)

    @property
    def sources(self) -> set[str]:
        """Sources of the good impressions."""
        return {source for _, source, _ in self.usable}

    def days(self) -> dict[str, DayCount]:
        """Good impressions by day (ISO), in order, counted as the accounting counts them."""
        counts: dict[date, dict[str, Counter[str]]] = {}
        for (day, source, fate), rows in sorted(self.usable.items()):
            counts.setdefault(day, {name: Counter() for name in FATES})[fate][source] += rows
        return {
            day.isoformat(): DayCount(
                rows=sum(by_source.total() for by_source in by_fate.values()),
                quarantined=0,
                duplicate=0,
                immature=by_fate["immature"].total(),
                labelled=dict(by_fate["labelled"]),
                unobserved=by_fate["unobserved"].total(),
            )
            for day, by_fate in counts.items()
        }


def preview(
    chunks: Iterable[Chunk],
    columns: tuple[Column, ...],
    features: tuple[Feature, ...],
    domain: Domain,
    coverage: Coverage,
    count: Callable[[Chunk, pl.DataFrame, pl.Series], None] = lambda *_: None,
) -> Preview:
    """Reads `chunks` of one table as `read_chunk` does, but writes nothing.

    Args:
        chunks: chunks of one table.
        columns: the columns to read.
        features: the feature table.
        domain: the known sources and kinds, and the windows.
        coverage: the days of interactions.
        count: called with each chunk, its rows, and whether each row is good, bool [n].
    """
    result = Preview()
    for chunk in chunks:
        try:
            frame = load_chunk(chunk, columns, features)
        except FileError as error:
            result.problems.append((error.path, error.problem))
            continue
        reasons = frame.select(reason(TABLES[chunk.table], chunk.day, domain)).to_series()
        result.quarantined.update(counts_of(reasons))
        count(chunk, frame, reasons.is_null())
        if chunk.table == "impressions" and chunk.day:
            good = frame.filter(reasons.is_null()).select("source", "timestamp")
            fates = np.array(FATES)[coverage.fates(good["timestamp"].to_numpy(), domain.longest_window_us)]
            counted = good.group_by("source", pl.Series("fate", fates, dtype=pl.String)).len()
            result.usable.update({(chunk.day, source, fate): rows for source, fate, rows in counted.iter_rows()})
    return result
