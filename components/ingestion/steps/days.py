"""The labelled impressions of one day, put together from the files of the steps before."""

from dataclasses import dataclass
from datetime import date

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from components.ingestion.compute.response_counts import Counted
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
    table = with_tiers(label_day(item), tiers)
    with create_file(item.out) as file:
        pq.write_table(table, file)
    return by_source(table)


def by_source(labelled: pa.Table) -> DayRows:
    """Counts labelled rows by source."""
    return DayRows({entry["values"]: entry["counts"] for entry in labelled["source"].value_counts().to_pylist()})


def label_day(item: LabelDay) -> pa.Table:
    """The labelled impressions of the day, in order of timestamp and impression_id."""
    joined = read_batches(item.labelled, item.number).sort("chunk", "row")
    shown = _shown(item, joined)
    joined = pl.concat([shown, joined.drop("chunk", "row")], how="horizontal")
    present = joined["show_id"].unique().implode()
    shows = read_batch(item.shows, item.number).filter(pl.col("show_id").is_in(present))
    joined = joined.join(shows, on="show_id", how="left", maintain_order="left")
    shown_episodes = joined["episode_id"].drop_nulls().unique().implode()
    episodes = read_batch(item.episodes).filter(pl.col("episode_id").is_in(shown_episodes))
    joined = joined.join(episodes, on="episode_id", how="left", maintain_order="left")
    joined = joined.sort("timestamp", "impression_id")
    return finish(pl.concat([joined, *_response_history(joined, item)], how="horizontal"), item.features, item.domain)


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
    table = derived.select(chosen).to_arrow()
    return table.set_column(1, "timestamp", table["timestamp"].cast(schema.field("timestamp").type)).cast(schema)


def _response_history(joined: pl.DataFrame, item: LabelDay) -> list[pl.DataFrame]:
    entities = entities_of(item.features, item.domain)
    if not entities:
        return []
    counts = {entity: read_batch(path, item.number) for entity, path in item.counts.items()}
    counted = Counted.of(item.domain)
    prior = prior_of(counts[WHOLE_SOURCE], counted)
    columns = ResponseColumns(prior, item.config.rate_smoothing, item.domain)
    return [
        columns.of_counts(entity, joined.select(f"{entity.name}.{name}" for name in counted.names).to_numpy())
        if entity.of_user
        else columns.of_keys(entity, joined[KEYS[entity.name]], counts[entity.name])
        for entity in entities
    ]


def _shown(item: LabelDay, joined: pl.DataFrame) -> pl.DataFrame:
    """The day's impressions, in the order of their places in `joined`."""
    parts = []
    for number, path in sorted(item.impressions.items()):
        rows = joined.filter(pl.col("chunk") == number)["row"]
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
