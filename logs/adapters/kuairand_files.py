"""Finds and reads the official CSV files of KuaiRand-Pure; every fault of a file is an error of one sentence here."""

from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

import polars as pl

from logs.adapters.errors import AdapterError

KEYS = ("user_id", "video_id", "time_ms", "tab")
"""Columns that identify an impression."""

OUTCOMES = {"stream": "long_view", "click": "is_click", "like": "is_like", "follow": "is_follow"}
"""The log's 0/1 column of each kind of interaction."""

COUNTS = ("follow_user_num", "fans_user_num", "friend_user_num")
CATEGORIES = (
    *("user_active_degree", "is_lowactive_period", "is_live_streamer", "is_video_author"),
    *("follow_user_num_range", "fans_user_num_range", "friend_user_num_range", "register_days_range"),
    *(f"onehot_feat{number}" for number in range(18)),
)

LOG = dict.fromkeys((*KEYS, *OUTCOMES.values(), "play_time_ms", "is_rand"), pl.Int64)
USERS = dict.fromkeys(("user_id", "register_days", *COUNTS), pl.Int64) | dict.fromkeys(CATEGORIES, pl.String)
VIDEOS = {
    **dict.fromkeys(("video_id", "author_id", "music_id"), pl.Int64),
    **dict.fromkeys(("video_duration", "server_width", "server_height"), pl.Float64),
    **dict.fromkeys(("video_type", "upload_dt", "upload_type", "music_type", "tag"), pl.String),
}

_EARLIEST, _LATEST = (datetime(year, 1, 1, tzinfo=timezone.utc).timestamp() * 1000 for year in (2010, 2100))


def find(source: Path, pattern: str) -> list[Path]:
    """The files that match `pattern` (which ends in .csv), gzipped or not, in the order of their names.

    Raises:
        AdapterError: no file matches, or a file is there both gzipped and not.
    """
    if not source.is_dir():
        raise AdapterError(f"{source} is not a folder on this machine; name the one with KuaiRand-Pure's CSV files")
    paths = sorted({*source.glob(pattern), *source.glob(f"{pattern}.gz")})
    if not paths:
        raise AdapterError(f"{source} holds no {pattern} or {pattern}.gz; download KuaiRand-Pure and name its folder")
    for path in paths:
        if path.with_name(f"{path.name}.gz") in paths:
            raise AdapterError(f"{path} is there both as .csv and as .csv.gz; remove one of the two")
    return paths


def read(path: Path, columns: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    """Reads only `columns` of one CSV file, in file order and with the given types.

    Raises:
        AdapterError: a column is missing, a value has another type, or the file is cut off or not a CSV file.
    """
    try:
        scan = pl.scan_csv(path, schema_overrides=dict(columns))
        present = scan.collect_schema().names()
        missing = [name for name in columns if name not in present]
        if missing:
            raise AdapterError(f"{path} lacks the column {missing[0]!r}; it is not KuaiRand-Pure's official file")
        frame = scan.select(*columns).collect(engine="streaming")
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = str(error).splitlines()[0]
        raise AdapterError(f"cannot read {path}: {reason}; download it again") from None
    if frame.is_empty():
        raise AdapterError(f"{path} holds no rows; download it again")
    return frame


def read_log(path: Path) -> pl.DataFrame:
    """Reads one file of impressions with their outcomes: the columns of `LOG`, without nulls.

    Rows of videos shown at random (is_rand = 1) are left out.

    Raises:
        AdapterError: as `read`; or a value is missing, a flag is neither 0 nor 1, or a time is not in milliseconds.
    """
    log = read(path, LOG)
    _check(path, log, "a value is missing", pl.any_horizontal(pl.all().is_null()))
    for flag in (*OUTCOMES.values(), "is_rand"):
        _check(path, log, f"{flag} is neither 0 nor 1", ~pl.col(flag).is_in([0, 1]))
    _check(path, log, "time_ms is not in milliseconds", ~pl.col("time_ms").is_between(_EARLIEST, _LATEST))
    return log.filter(pl.col("is_rand") == 0)


def read_videos(path: Path) -> pl.DataFrame:
    """Reads the file about the videos: the columns of `VIDEOS`, with `upload_dt` as a date.

    Raises:
        AdapterError: as `read`; or an `upload_dt` is not a day.
    """
    videos = read(path, VIDEOS)
    day = pl.col("upload_dt").str.to_date("%Y-%m-%d", strict=False)
    _check(path, videos, "upload_dt is not a day such as 2022-04-10", day.is_null() & pl.col("upload_dt").is_not_null())
    return videos.with_columns(day)


def _check(path: Path, log: pl.DataFrame, problem: str, is_wrong: pl.Expr) -> None:
    wrong = log.select(is_wrong.arg_true()).to_series()
    if len(wrong):
        raise AdapterError(f"{path}: {problem} in data row {wrong[0] + 1}; download the file again")
