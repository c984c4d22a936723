"""The labelled impressions of one day, put together from the files of the steps before."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from components.ingestion.compute.response_counts import CountColumns
from components.ingestion.compute.show_days import measures_of
from components.ingestion.config import IngestionConfig
from components.ingestion.steps.entities import KEYS, ResponseColumns, prior_of
from files.storage import create_file, read_batch, read_batches
from logs.columns import WHOLE_SOURCE, entities_of, value_of
from logs.config import TiersConfig
from logs.tiers import with_tiers
from logs.times import DAY_US, HOUR_US, MINUTE_MS
from transforms.domain import Domain
from transforms.feature import Feature
from transforms.labelled import labelled_schema
from transforms.responses import Entity

ROWS_AT_ONCE = 50_000

_THURSDAY = 3  # 1970-01-01, Monday being 0

LABEL_PREFIX = "labels."
"""Prefix of a label's name until the table is finished, so that no label has the name of another column."""


@dataclass(frozen=True)
class LabelDay:
    """A work item: one day of impressions.

    Attributes:
        day: the day.
        number: which batch to read of the files with one batch per impression day.
        impressions: the day's clean rows, by chunk number.
        labelled: the files of `components.ingestion.steps.users.join_users`, one a bucket of users.
        shows: the file of `components.ingestion.steps.shows.write_shows_by_day`.
        counts: by entity the file of `components.ingestion.steps.entities.write_counts_by_day`.
        episodes: the kept file of `components.ingestion.steps.episodes.keep_episodes`.
        out: where to write the day; the writer chooses the format.
    """

    day: date
    number: int
    impressions: dict[int, str]
    labelled: tuple[str, ...]
    shows: str
    counts: dict[str, str]
    episodes: str
    features: tuple[Feature, ...]
    config: IngestionConfig
    domain: Domain
    out: str


@dataclass(frozen=True)
class DayRows:
    """Labelled impressions of a day, counted by source."""

    by_source: dict[str, int]


def write_parquet(item: LabelDay, tiers: TiersConfig) -> DayRows:
    """Writes the day as Parquet, with the columns of `tiers` for people."""
    rows: Counter[str] = Counter()
    with create_file(item.out) as file, ExitStack() as stack:
        writer = None
        for piece in counted(label_pieces(item), rows):
            table = with_tiers(piece, tiers)
            writer = writer or stack.enter_context(pq.ParquetWriter(file, table.schema))
            writer.write_table(table)
    return DayRows(dict(rows))


def counted(pieces: Iterable[pa.Table], rows: "Counter[str]") -> Iterator[pa.Table]:
    """The same tables; adds their rows by source to `rows`."""
    for piece in pieces:
        for entry in piece["source"].value_counts().to_pylist():
            rows[entry["values"]] += entry["counts"]
        yield piece


def label_pieces(item: LabelDay) -> Iterator[pa.Table]:
    """The labelled impressions of the day, in order of timestamp and impression_id.

    Yields:
        Tables of at most `ROWS_AT_ONCE` rows, since most of a row's columns are made here. A day without labelled
        impressions gives one empty table.
    """
    of_user = read_batches(item.labelled, item.number)
    by_place = of_user.select("chunk", "row").with_row_index("at").sort("chunk", "row")
    shown, of_user = _shown(item, by_place), of_user.drop("chunk", "row")
    order = shown.select("timestamp", "impression_id", by_place["at"]).with_row_index("shown_at")
    order = order.sort("timestamp", "impression_id")
    shows = read_batch(item.shows, item.number).filter(pl.col("show_id").is_in(shown["show_id"].unique().implode()))
    shown_episodes = shown["episode_id"].drop_nulls().unique().implode()
    episodes = read_batch(item.episodes).filter(pl.col("episode_id").is_in(shown_episodes))
    history = _ResponseHistory.of(item)
    for rows in order.iter_slices(ROWS_AT_ONCE) if len(order) else [order]:
        joined = pl.concat([shown[rows["shown_at"]], of_user[rows["at"]]], how="horizontal")
        joined = joined.join(shows, on="show_id", how="left", maintain_order="left")
        joined = joined.join(episodes, on="episode_id", how="left", maintain_order="left")
        yield finish(pl.concat([joined, *history.columns(joined)], how="horizontal"), item.features, item.domain)


def finish(joined: pl.DataFrame, features: tuple[Feature, ...], domain: Domain) -> pa.Table:
    """A table of `labelled_schema(features, domain)` from joined rows.

    Args:
        joined: the impressions' keys, the labels behind `LABEL_PREFIX`, the summed measures of `show_days`, and the
            features' columns under their full names (`users.language`, `derived.user_streams_30d`).
        features: the feature table.
        domain: the labels.
    """
    derived = measures_of(joined).with_columns(
        **_moment(),
        **_ages(),
    )
    schema = labelled_schema(features, domain)
    values = {label: pl.col(f"{LABEL_PREFIX}{label}").alias(label) for label in domain.labels}
    values |= {feature.name: value_of(feature) for feature in features}
    chosen = [values[name] if name in values else pl.col(name) for name in schema.names]
    table = _without_hidden_values(derived.select(chosen).to_arrow())
    return table.set_column(1, "timestamp", table["timestamp"].cast(schema.field("timestamp").type)).cast(schema)


def _without_hidden_values(table: pa.Table) -> pa.Table:
    """The same table. A null list of a join may span values, which Parquet's writer refuses; a copy of it does not."""
    for at, column in enumerate(table.columns):
        if column.null_count and (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
            table = table.set_column(at, table.field(at), column.take(pa.array(range(len(column)))))
    return table


@dataclass(frozen=True)
class _ResponseHistory:
    """Makes the columns of response history.

    Attributes:
        entities: those that features need.
        counts: of the entities that are counted by whole days, by entity.
        make: from counts to columns; None without entities.
        count_columns: the layout of the counts.
    """

    entities: tuple[Entity, ...]
    counts: dict[str, pl.DataFrame]
    make: ResponseColumns | None
    count_columns: CountColumns

    @classmethod
    def of(cls, item: LabelDay) -> "_ResponseHistory":
        entities, columns = entities_of(item.features, item.domain), CountColumns.of(item.domain)
        if not entities:
            return cls(entities, {}, None, columns)
        counts = {entity: read_batch(path, item.number) for entity, path in item.counts.items()}
        prior = prior_of(counts[WHOLE_SOURCE], columns)
        return cls(entities, counts, ResponseColumns(prior, item.config.rate_smoothing, item.domain), columns)

    def columns(self, joined: pl.DataFrame) -> list[pl.DataFrame]:
        """The columns of each entity for some joined rows."""
        if self.make is None:
            return []
        return [
            self.make.of_counts(
                entity, joined.select(f"{entity.name}.{name}" for name in self.count_columns.names).to_numpy()
            )
            if entity.of_user
            else self.make.of_keys(entity, joined[KEYS[entity.name]], self.counts[entity.name])
            for entity in self.entities
        ]


def _shown(item: LabelDay, places: pl.DataFrame) -> pl.DataFrame:
    """The day's impressions at `places`, which are sorted by `chunk`."""
    parts = []
    for number, path in sorted(item.impressions.items()):
        rows = places.filter(pl.col("chunk") == number)["row"]
        parts.append(read_batch(path)[rows])
    return pl.concat(parts)


def _moment() -> dict[str, pl.Expr]:
    """Hour and weekday of the impression in UTC, as category values."""
    time = pl.col("timestamp")
    return {
        "derived.hour": time.mod(DAY_US).floordiv(HOUR_US).cast(pl.String).str.zfill(2),
        "derived.weekday": (time.floordiv(DAY_US) + _THURSDAY).mod(7).cast(pl.String),
    }


def _ages() -> dict[str, pl.Expr]:
    """Age of show and episode at the impression, missing where released after; length of the episode."""
    time = pl.col("timestamp")
    days = time.floordiv(DAY_US) - pl.col("shows.release_date").to_physical()
    released = time - pl.col("episodes.release_timestamp")
    minutes = pl.col("episodes.duration_ms") / MINUTE_MS
    return {
        "derived.show_age_days": pl.when(days >= 0).then(days),
        "derived.episode_age_hours": pl.when(released >= 0).then(released / HOUR_US),
        "derived.episode_minutes": pl.when(minutes >= 0).then(minutes),
    }
