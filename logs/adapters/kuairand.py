"""KuaiRand-Pure, real public logs of a short-video app, as raw logs of this project.

The release (Gao et al., CIKM 2022, doi 10.1145/3511808.3557624, CC BY-SA 4.0) is downloaded by the user from its
authors. What becomes what is told in `kuairand_tables`.
"""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from files.paths import is_local
from logs.adapters import kuairand_tables as tables
from logs.adapters.kuairand_files import USERS, AdapterError, find, read, read_log, read_videos
from logs.schema import TABLES

Progress = Callable[[str], None]

__all__ = ["AdapterError", "adapt_kuairand"]


def adapt_kuairand(source_dir: str | Path, out_dir: str | Path, progress: Progress | None = None) -> dict[str, int]:
    """Writes the five tables of the raw-log contract to `out_dir`, which appears only when it is complete.

    Args:
        source_dir: local folder with every `log_standard_*_pure.csv`, `user_features_pure.csv` and
            `video_features_basic_pure.csv`, each gzipped or not. `log_random_*_pure.csv`, whose videos were shown at
            random, is not read, nor are rows of such a kind (is_rand = 1): no recommender chose them.
        out_dir: local folder to make; it must not hold anything yet.
        progress: is told in a few words what was done last.

    Returns:
        Rows by table.

    Raises:
        AdapterError: if a file is missing, damaged or not the official one, or `out_dir` is in use or not local.
    """
    if not is_local(str(out_dir)):
        raise AdapterError(f"{out_dir} is no folder of this machine, and logs are adapted on one; name one")
    source, out = Path(source_dir), Path(out_dir)
    say = progress or _silent
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise AdapterError(f"{out} is there already; remove it or name another folder")
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
    unfinished = out.with_name(f"{out.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)  # left by a killed attempt
    try:
        rows = {
            "impressions": _write_days(unfinished, "impressions", shown.drop("_first"), days),
            "interactions": _write_days(unfinished, "interactions", acted, days),
            "users": _write(unfinished, "users", tables.users(users), days[0]),
            "shows": _write(unfinished, "shows", tables.shows(videos), days[0]),
            "episodes": _write(unfinished, "episodes", tables.episodes(videos)),
        }
        if out.exists():
            out.rmdir()
        unfinished.rename(out)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    say(f"wrote {out}: " + ", ".join(f"{number:,} {name}" for name, number in rows.items()))
    return rows


def _silent(_: str) -> None:
    pass


def _read_log(path: Path, say: Progress) -> pl.DataFrame:
    log = read_log(path)
    say(f"read {path.name}: {log.height:,} rows")
    return log


def _write_days(root: Path, table: str, rows: pl.DataFrame, days: list[date]) -> int:
    """Writes a partition for each of `days`, be it empty, so that no day looks missing."""
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
