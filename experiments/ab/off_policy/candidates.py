"""Reads the table `decisions` of the raw logs, and joins the outcomes of each impression (docs/ab.md)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.io.filesystems import FileSystems

from experiments.ab.errors import ExperimentError
from experiments.ab.measures.metrics import CLICK
from experiments.ab.measures.user_days import ARM, arms_in, labelled_days
from files.storage import open_file
from logs.errors import FileError, one_line, reason_of
from logs.listing import list_logs
from transforms.domain import STREAM

DECISIONS = "decisions"
"""The raw table with the candidates of each decision."""

ID, CANDIDATE = "impression_id", "candidate"
PREDICTED = "predicted_"
"""How the names of columns with predictions begin; see `prediction_column`."""
TRUTH = {f"p_{label}": label for label in (STREAM, CLICK)}
"""Columns of simulated logs with the world's own probabilities, and their labels."""

_NUMBER: pl.DataType = pl.Float64()
COLUMNS: dict[str, pl.DataType] = {
    ID: pl.String(),
    CANDIDATE: pl.Int64(),
    "chosen": pl.Boolean(),
    "probability": pl.Float64(),
    "may_bid": pl.Boolean(),
    "campaign_id": pl.String(),
    "bid_micros": pl.Float64(),
}
"""The columns of the table, the required ones first, and their types."""

_REQUIRED = tuple(COLUMNS)[:4]
_NEEDED = (
    "off-policy estimates need the candidates of each decision and the probability with which the policy of the logs "
    "picks each (docs/ab.md#the-table-decisions)"
)


def prediction_column(label: str, model: str) -> str:
    """The column of a model's predictions for a label, such as `predicted_stream_joint`."""
    return f"{PREDICTED}{label}_{model}"


@dataclass(frozen=True)
class Candidates:
    """The candidates of labelled impressions.

    Attributes:
        rows: one for each candidate, in order: `user_id`, `arm` (null without one), `stream`, `click`, and
            `spend_micros` of the impression, and the columns of `decisions`.
        unlogged_of: by arm, labelled impressions of the same days and sources that have no candidates.
    """

    rows: pl.DataFrame
    unlogged_of: Mapping[str | None, int]

    @property
    def unlogged(self) -> int:
        """Those of all arms."""
        return sum(self.unlogged_of.values())

    def of_arm(self, arm: str) -> "Candidates":
        """The candidates of one arm's impressions.

        Raises:
            ExperimentError: there are none.
        """
        own = self.rows.filter(pl.col(ARM) == arm)
        if own.is_empty():
            arms = ", ".join(self.rows[ARM].drop_nulls().unique().sort()) or "none"
            raise ExperimentError(f"no impression with candidates has the arm {arm!r}; the arms are: {arms}")
        return Candidates(own, {arm: self.unlogged_of.get(arm, 0)})


def read_candidates(logs: str, ingested: str) -> Candidates:
    """The candidates of all labelled impressions that have any.

    Args:
        logs: folder of the raw logs.
        ingested: folder that `coldcast ingest` wrote from these logs.

    Raises:
        ExperimentError: the logs have no such table, or its rows belong to no labelled impression.
        FileError: a file lacks a column.
    """
    by_day = {day: pl.concat([_file(path) for path in paths], how="diagonal") for day, paths in _paths(logs).items()}
    arms = {partition.day: partition.paths for partition in list_logs(logs).partitions["impressions"]}
    frames, unlogged = [], Counter[str | None]()
    for day, labelled in labelled_days(ingested):
        if day in by_day:
            shown = labelled.join(arms_in(arms.get(day, ())), on=ID, how="left")
            clicks = [] if CLICK in shown.columns else [pl.lit(0).alias(CLICK)]  # the config has no such label
            shown = shown.with_columns(clicks).select(ID, "source", "user_id", ARM, STREAM, CLICK, "spend_micros")
            frames.append(shown.join(by_day[day], on=ID))
            of_sources = shown.filter(pl.col("source").is_in(frames[-1]["source"].unique().to_list()))
            unlogged.update(of_sources.join(by_day[day], on=ID, how="anti")[ARM].to_list())
    rows = pl.concat(frames, how="diagonal") if frames else pl.DataFrame()
    if rows.is_empty():
        raise ExperimentError(
            f"no row of the table `{DECISIONS}` of {logs} belongs to a labelled impression; give both the same "
            "impression_id and the same day"
        )
    return Candidates(rows.sort(ID, CANDIDATE), unlogged)


def scores_in(path: str) -> pl.DataFrame:
    """The predictions in a Parquet file: `impression_id`, `candidate`, and `predicted_*` columns.

    Raises:
        FileError: the file cannot be read, lacks a column, or has two rows for a candidate.
    """
    scores = _parquet(path)
    names = [name for name in scores.columns if name.startswith(PREDICTED)]
    if not names or not {ID, CANDIDATE} <= set(scores.columns):
        raise FileError(path, f"needs the columns {ID}, {CANDIDATE}, and {prediction_column(STREAM, 'NAME')}")
    scores = _cast(path, scores, {name: COLUMNS.get(name, _NUMBER) for name in (ID, CANDIDATE, *names)})
    repeated = scores.filter(pl.struct(ID, CANDIDATE).is_duplicated())
    if len(repeated):
        first = repeated.row(0, named=True)
        raise FileError(
            path, f"has two rows for candidate {first[CANDIDATE]} of {first[ID]}; write each candidate once"
        )
    return scores


def with_scores(rows: pl.DataFrame, scores: pl.DataFrame, path: str) -> pl.DataFrame:
    """`rows` with the predictions of `scores_in(path)`.

    Raises:
        FileError: the file lacks a candidate.
    """
    names = [name for name in scores.columns if name.startswith(PREDICTED)]
    known = rows.drop([name for name in names if name in rows.columns])
    joined = known.join(scores, on=[ID, CANDIDATE], how="left", maintain_order="left")
    missing = joined.filter(pl.any_horizontal(pl.col(names).is_null()))
    if len(missing):
        first = missing.row(0, named=True)
        raise FileError(
            path,
            f"lacks predictions for {len(missing):,} of {len(rows):,} candidates, the first of them candidate "
            f"{first[CANDIDATE]} of {first[ID]}",
        )
    return joined


def check_decisions(logs: str) -> None:
    """Checks that the logs have candidates, before any work.

    Raises:
        ExperimentError: they have none.
    """
    _paths(logs)


def _paths(logs: str) -> dict[date, list[str]]:
    """The files of each day."""
    (match,) = FileSystems.match([f"{logs.rstrip('/')}/{DECISIONS}/date=*/*.parquet"])
    days: dict[date, list[str]] = {}
    for path in sorted(metadata.path for metadata in match.metadata_list):
        days.setdefault(_day_of(path), []).append(path)
    if not days:
        raise ExperimentError(f"{logs} has no table `{DECISIONS}`: {_NEEDED}")
    return days


def _day_of(path: str) -> date:
    folder = path.split("/")[-2]
    try:
        return date.fromisoformat(folder.removeprefix("date="))
    except ValueError:
        raise FileError(path, "is in a folder that is no day; name it date=2026-01-31") from None


def _file(path: str) -> pl.DataFrame:
    rows = _parquet(path)
    missing = [name for name in _REQUIRED if name not in rows.columns]
    if missing:
        raise FileError(path, f"lacks the column {missing[0]}: {_NEEDED}")
    predicted = [name for name in rows.columns if name.startswith(PREDICTED) or name in TRUTH]
    types = {name: type_ for name, type_ in COLUMNS.items() if name in rows.columns} | dict.fromkeys(predicted, _NUMBER)
    return _cast(path, rows, types)


def _parquet(path: str) -> pl.DataFrame:
    try:
        with open_file(path) as file:
            return pl.DataFrame(pl.from_arrow(pq.ParquetFile(file).read()))
    except (OSError, pa.ArrowException) as error:
        reason = reason_of(error) if isinstance(error, OSError) else one_line(error)
        raise FileError(path, f"cannot be read as Parquet: {reason}") from None


def _cast(path: str, rows: pl.DataFrame, types: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The columns of `types`."""
    try:
        return rows.select(pl.col(name).cast(type_) for name, type_ in types.items())
    except pl.exceptions.PolarsError as error:
        raise FileError(path, f"cannot be used: {str(error).splitlines()[0]}") from None
