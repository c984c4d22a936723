"""Labelled impressions, added up: a row for each user, arm, day, stream tier, and less-streamed or not.

Labels, attribution, and tiers are those of ingestion (docs/data.md). Only `arm` is read from the raw impressions.
"""

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl
import pyarrow.parquet as pq
from apache_beam.io.filesystems import FileSystems

from experiments.ab.errors import ExperimentError
from experiments.ab.measures.metrics import CLICK, COUNTS, IMPRESSIONS, SPEND
from files.storage import open_file
from logs.casting import LABEL, type_problem
from logs.errors import FileError
from logs.listing import list_logs
from transforms.domain import STREAM
from transforms.labelled import LESS_STREAMED, STREAM_TIER

ARM = "arm"
_ID, _MICROS = "impression_id", 1e6
_KEYS = ("user_id", ARM, "day", STREAM_TIER, LESS_STREAMED)


def read_user_days(logs: str, ingested: str, sources: Sequence[str] | None = None) -> pl.DataFrame:
    """The sums of all labelled impressions.

    Args:
        logs: folder of the raw logs, which hold the arms.
        ingested: folder that `coldcast ingest` wrote from these logs.
        sources: whose impressions count; None for those with spend, and for all if there is no spend.

    Returns:
        `source`, `user_id`, `arm` (null where the impression has none), `day`, `stream_tier`, `less_streamed`, and
        `COUNTS`.

    Raises:
        ExperimentError: there are no labelled impressions of these sources.
        FileError: the arms of a file are no text.
    """
    arms = {partition.day: partition.paths for partition in list_logs(logs).partitions["impressions"]}
    frames = [
        _add_up(labelled.join(arms_in(arms.get(day, ())), on=_ID, how="left"), day)
        for day, labelled in labelled_days(ingested)
    ]
    if not frames:
        raise ExperimentError(f"{ingested} holds no labelled impressions: name a folder of `coldcast ingest`")
    return _of_sources(pl.concat(frames), sources)


def labelled_days(ingested: str) -> Iterator[tuple[date, pl.DataFrame]]:
    """The labelled impressions of each day, with the columns that tests need."""
    (match,) = FileSystems.match([f"{ingested.rstrip('/')}/labelled/*.parquet"])
    for path in sorted(metadata.path for metadata in match.metadata_list):
        with open_file(path) as file:
            parquet = pq.ParquetFile(file)
            wanted = (_ID, "timestamp", "source", "user_id", STREAM, CLICK, "spend_micros", STREAM_TIER, LESS_STREAMED)
            present = [name for name in wanted if name in parquet.schema_arrow.names]
            frame = pl.DataFrame(pl.from_arrow(parquet.read(columns=present)))
        if len(frame):
            yield frame["timestamp"][0].date(), frame


def arms_in(paths: Sequence[str]) -> pl.DataFrame:
    """The arm of each impression of a day that has one; files from before the test may lack the column."""
    frames = [pl.DataFrame(schema={_ID: pl.String, ARM: pl.String})]
    for path in paths:
        with open_file(path) as file:
            parquet = pq.ParquetFile(file)
            if ARM in parquet.schema_arrow.names:
                if problem := type_problem(parquet.schema_arrow.field(ARM).type, LABEL, nullable=True):
                    raise FileError(path, f"cannot be used: column {ARM} {problem}")
                frames.append(pl.DataFrame(pl.from_arrow(parquet.read(columns=[_ID, ARM]))).cast(pl.String))
    return pl.concat(frames).filter(pl.col(ARM) != "").unique(_ID, keep="first", maintain_order=True)


def _add_up(labelled: pl.DataFrame, day: date) -> pl.DataFrame:
    if CLICK not in labelled.columns:  # the config has no such label
        labelled = labelled.with_columns(pl.lit(0).alias(CLICK))
    rows = labelled.with_columns(
        pl.lit(day).alias("day"),
        pl.lit(1.0).alias(IMPRESSIONS),
        pl.col(STREAM, CLICK).cast(pl.Float64),
        (pl.col("spend_micros").fill_null(0) / _MICROS).alias(SPEND),
    )
    return rows.group_by("source", *_KEYS).agg(pl.col(COUNTS).sum())


def _of_sources(rows: pl.DataFrame, sources: Sequence[str] | None) -> pl.DataFrame:
    present = rows["source"].unique().sort().to_list()
    unknown = [source for source in sources or () if source not in present]
    if unknown:
        raise ExperimentError(
            f"there are no labelled impressions of the source {unknown[0]!r}; the sources are {', '.join(present)}"
        )
    paid = rows.filter(pl.col(SPEND) > 0)["source"].unique().sort().to_list()
    chosen = list(sources or paid or present)
    return rows.filter(pl.col("source").is_in(chosen))


def days_of(rows: pl.DataFrame) -> list[date]:
    """The days of `rows`, in order."""
    days: list[date] = rows["day"].unique().sort().to_list()
    return days
