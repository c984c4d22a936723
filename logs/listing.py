"""What lies below the logs' root: the partitions of each table and the files that belong to none."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from apache_beam.io.filesystems import FileSystems

from files.paths import is_local
from logs.errors import LogError, one_line, reason_of
from logs.schema import TABLES

_DAY = re.compile(r"date=(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True)
class Partition:
    """The Parquet files of one day of a table (`day` None: of a table without days), in the paths' order."""

    table: str
    day: date | None
    paths: tuple[str, ...]


@dataclass
class Listing:
    """All partitions by table, in the days' order, what is wrong and what is odd about the folders."""

    partitions: dict[str, list[Partition]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether there is no partition of any table."""
        return not any(self.partitions.values())


def list_logs(logs: str) -> Listing:
    """Lists the five tables below `logs`; a day's folder without a Parquet file is no partition.

    Raises:
        LogError: a folder cannot be listed.
    """
    listing, missing = Listing(), []
    for name, table in TABLES.items():
        folders: dict[date | None, list[str]] = {}
        empty = set()
        others = []
        for path in _files_below(f"{logs.rstrip('/')}/{name}"):
            *parents, file = path.split("/")
            if any(part.startswith((".", "_")) for part in parents):
                continue
            is_parquet = file.endswith(".parquet") and not file.startswith(".")
            if file and not is_parquet and not file.startswith((".", "_")):  # as engines name what is no data
                others.append(f"{logs}/{name}/{path}")
            try:
                day = _day_of(parents) if table.daily else None
            except ValueError:
                if is_parquet:
                    listing.problems.append(f"{logs}/{name}/{path} does not lie in a folder date=YYYY-MM-DD of {name}")
                continue
            if is_parquet and (table.daily or not parents):
                folders.setdefault(day, []).append(f"{logs.rstrip('/')}/{name}/{path}")
            elif is_parquet:
                listing.problems.append(f"{logs}/{name}/{path} must lie directly in {logs}/{name}")
            else:
                empty.add(day)
        listing.partitions[name] = [
            Partition(name, day, tuple(sorted(paths))) for day, paths in sorted(folders.items(), key=_by_day)
        ]
        if not folders:
            where = "date=YYYY-MM-DD/*.parquet" if table.daily else "*.parquet"
            missing.append(f"table {name} is missing: no file matches {logs}/{name}/{where}")
        listing.warnings += [
            f"{name}: the folder of {day} holds no Parquet file and counts as no day"
            for day in sorted(empty - set(folders), key=str)
            if day is not None
        ]
        if others:
            more = f" (and {len(others) - 1} more)" if len(others) > 1 else ""
            listing.warnings.append(f"{min(others)}{more} is not read: its name does not end in .parquet")
    if listing.problems or not listing.empty:
        listing.problems += missing
    else:
        listing.problems = [f"there are no logs in {logs}: no Parquet file lies in a folder {' or '.join(TABLES)}"]
    return listing


def _by_day(item: tuple[date | None, list[str]]) -> date:
    return item[0] or date.min


def _day_of(parents: list[str]) -> date:
    (folder,) = parents
    match = _DAY.fullmatch(folder)
    if not match:
        raise ValueError(folder)
    return date.fromisoformat(match.group(1))


def _refuse_unreadable(error: OSError) -> None:
    """Lets no folder be passed over in silence, as `os.walk` would; one that is not there is no folder."""
    if not isinstance(error, FileNotFoundError):
        raise LogError(f"{error.filename} cannot be read: {reason_of(error)}; mend it or allow to read it") from None


def _files_below(folder: str) -> Iterator[str]:
    """Paths below `folder`, relative to it; on a local disk empty folders too, with a slash at the end."""
    if is_local(folder):  # Beam's local listing follows no links and sees no empty folder
        for parent, _, files in os.walk(folder, onerror=_refuse_unreadable, followlinks=True):
            relative = os.path.relpath(parent, folder).replace(os.sep, "/")
            prefix = "" if relative == "." else f"{relative}/"
            yield from (prefix + file for file in files)
            if not files and prefix:
                yield prefix
        return
    try:
        (match,) = FileSystems.match([f"{folder}/**"])
    except (OSError, ValueError) as error:  # of the store; a ValueError where Beam knows none for the address
        hint = "check the address, the credentials and the filesystem's options in beam.args"
        raise LogError(f"{folder} cannot be listed: {one_line(error)}; {hint}") from None
    yield from (metadata.path[len(folder) + 1 :] for metadata in match.metadata_list)
