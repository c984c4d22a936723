"""The adapter for KuaiRand-Pure: real public logs of a short-video app as raw logs of this project.

You download the release from its authors (Gao et al., CIKM 2022, doi 10.1145/3511808.3557624, CC BY-SA 4.0).
`kuairand_files` reads it, and `kuairand_tables` says how its columns map to the contract.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from files.atomic import new_folder
from files.paths import local_folder
from logs.adapters import kuairand_tables as tables
from logs.adapters.errors import AdapterError
from logs.adapters.kuairand_files import USERS, find, read, read_log, read_videos
from logs.schema import TABLES

Progress = Callable[[str], None]

__all__ = ["AdapterError", "adapt_kuairand"]


def adapt_kuairand(source_dir: str | Path, out_dir: str | Path, progress: Progress | None = None) -> dict[str, int]:
    """Writes the five tables of the raw-log contract to `out_dir`, which appears only when it is complete.

    Args:
        source_dir: local folder with every `log_standard_*_pure.csv`, `user_features_pure.csv` and
            `video_features_basic_pure.csv`, each gzipped or not. Random impressions are left out, because no
            recommender chose them: the files `log_random_*_pure.csv`, and rows with is_rand = 1.
        out_dir: local folder that does not exist yet, or is empty.
        progress: called with a few words after each step.

    Returns:
        Rows by table.

    Raises:
        AdapterError: a file is missing, damaged, or not the official one.
        FolderError: `out_dir` is not empty, cannot be written, or is not on this machine.
    """
    source, out = Path(source_dir), local_folder(out_dir)
    say = progress or _silent
    with new_folder(out) as folder:
        rows = _write_tables(source, folder, say)
    say(f"wrote {out}: " + ", ".join(f"{number:,} {name}" for name, number in rows.items()))
    return rows


def _write_tables(source: Path, folder: Path, say: Progress) -> dict[str, int]:
    log_paths = find(source, "log_standard_*_pure.csv")
    (users_path,), (videos_path,) = (
        find(source, "user_features_pure.csv"),
        find(source, "video_features_basic_pure.csv"),
    )
    users, videos = read(users_path, USERS), read_videos(videos_path)
    log = pl.concat([_read_log(path, say) for path in log_paths])
    if log.is_empty():
        raise AdapterError(
            f"{source} holds randomly shown videos alone (is_rand = 1); name the folder of the full release"
        )
    shown = tables.impressions(log, videos)
    acted = tables.interactions(log, shown)
    days = shown["timestamp"].dt.date().unique().sort().to_list()
    return {
        "impressions": _write_days(folder, "impressions", shown.drop("_first"), days),
        "interactions": _write_days(folder, "interactions", acted, days),
        "users": _write(folder, "users", tables.users(users), days[0]),
        "shows": _write(folder, "shows", tables.shows(videos), days[0]),
        "episodes": _write(folder, "episodes", tables.episodes(videos)),
    }


def _silent(_: str) -> None:
    pass


def _read_log(path: Path, say: Progress) -> pl.DataFrame:
    log = read_log(path)
    say(f"read {path.name}: {log.height:,} rows")
    return log


def _write_days(root: Path, table: str, rows: pl.DataFrame, days: list[date]) -> int:
    """Writes a partition for each of `days`, also an empty one, so that no day looks missing."""
    for day in days:
        _write(root, table, rows.filter(pl.col("timestamp").dt.date() == day), day)
    return rows.height


def _write(root: Path, table: str, rows: pl.DataFrame, day: date | None = None) -> int:
    folder = root / table if day is None else root / table / f"date={day}"
    folder.mkdir(parents=True)
    arrow = rows.to_arrow(compat_level=pl.CompatLevel.oldest())
    contract = TABLES[table].schema
    more = [pa.field(name, _plain(arrow.schema.field(name).type)) for name in arrow.column_names[len(contract) :]]
    pq.write_table(arrow.cast(pa.schema([*contract, *more])), folder / "part-00000.parquet", compression="zstd")
    return rows.height


def _plain(kind: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_large_string(kind) else kind
