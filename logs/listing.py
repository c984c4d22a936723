"""Lists the logs: the partitions of each table, and the files that belong to none."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from apache_beam.io.filesystems import FileSystems

from files.paths import is_local
from logs.errors import LogError, one_line, printable, reason_of, summarise
from logs.schema import TABLES, Table

_DAY = re.compile(r"date=(\d{4}-\d{2}-\d{2})")
_EARLIEST, _LATEST = date(1970, 1, 1), date(2199, 12, 31)
"""The days that events can have. Some exports put rows without a time on 9999-12-31: windows around such a day leave
Python's calendar, and all days up to it would be missing."""


@dataclass(frozen=True)
class Partition:
    """The Parquet files of one day of a table, in the order of their paths. `day` is None for a table without days."""

    table: str
    day: date | None
    paths: tuple[str, ...]


@dataclass
class Listing:
    """The partitions of each table in the order of their days, with problems and warnings, one sentence each."""

    partitions: dict[str, list[Partition]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether there is no partition of any table."""
        return not any(self.partitions.values())


@dataclass
class _TableFiles:
    """The files in a table's folder, by day. Problems and warnings are (path, the rest of the sentence)."""

    days: dict[date | None, list[str]] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)


def list_logs(logs: str) -> Listing:
    """Lists the five tables below `logs`. A day's folder without a Parquet file is not a partition.

    Raises:
        LogError: a folder cannot be listed.
    """
    root = logs.rstrip("/")
    listing, missing, problems, warnings = Listing(), [], [], []
    for name, table in TABLES.items():
        content = _files_of(root, table)
        listing.partitions[name] = [
            Partition(name, day, tuple(sorted(paths))) for day, paths in sorted(content.days.items(), key=_by_day)
        ]
        problems += sorted(content.problems)
        warnings += sorted(content.warnings)
        if not content.days:
            where = "date=YYYY-MM-DD/*.parquet" if table.daily else "*.parquet"
            missing.append(f"table {name} is missing: no file matches {printable(root)}/{name}/{where}")
    listing.warnings = summarise(warnings)
    listing.problems = [*summarise(problems), *missing]
    if listing.empty and not problems:
        folders = " or ".join(TABLES)
        listing.problems = [f"there are no logs in {printable(root)}: no Parquet file lies in a folder {folders}"]
    return listing


def _files_of(root: str, table: Table) -> _TableFiles:
    content = _TableFiles()
    empty: dict[date, str] = {}
    for relative in _files_below(f"{root}/{table.name}"):
        *parents, file = relative.split("/")
        if any(part.startswith((".", "_")) for part in parents):
            continue
        path = f"{root}/{table.name}/{relative}"
        is_parquet = file.endswith(".parquet") and not file.startswith(".")
        if file and not is_parquet and not file.startswith((".", "_")):  # engines name their markers so
            content.warnings.append((path, "is not read: its name does not end in .parquet"))
        try:
            day = _day_of(parents) if table.daily else None
        except ValueError:
            if is_parquet:
                content.problems.append((path, f"does not lie in a folder date=YYYY-MM-DD of {table.name}"))
            continue
        if is_parquet and not _is_utf8(path):
            content.problems.append((path, "has a name that is not UTF-8; rename it"))
        elif is_parquet and table.timestamp and day and not _EARLIEST <= day <= _LATEST:
            content.problems.append(
                (path, f"lies on a day that no event has ({_EARLIEST} to {_LATEST} are valid); remove the folder")
            )
        elif is_parquet and parents and not table.daily:
            content.problems.append((path, f"must lie directly in {printable(root)}/{table.name}"))
        elif is_parquet:
            content.days.setdefault(day, []).append(path)
        elif day:
            empty[day] = f"{root}/{table.name}/{parents[0]}"
    content.warnings += [
        (folder, "holds no Parquet file and counts as no day")
        for day, folder in empty.items()
        if day not in content.days
    ]
    return content


def _is_utf8(path: str) -> bool:
    """Whether a path's bytes are text; Python replaces bytes that are no text by surrogates."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _by_day(item: tuple[date | None, list[str]]) -> date:
    return item[0] or date.min


def _day_of(parents: list[str]) -> date:
    (folder,) = parents
    match = _DAY.fullmatch(folder)
    if not match:
        raise ValueError(folder)
    return date.fromisoformat(match.group(1))


def _refuse_unreadable(error: OSError) -> None:
    """Raises for a folder that cannot be read, which `os.walk` would pass over in silence. It may be absent."""
    if not isinstance(error, FileNotFoundError):
        path = printable(str(error.filename))
        raise LogError(f"{path} cannot be read: {reason_of(error)}; fix it or allow to read it") from None


def _files_below(folder: str) -> Iterator[str]:
    """Paths below `folder`, relative to it; on a local disk also folders without files, with a slash at the end."""
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
    except (OSError, ValueError) as error:  # from the store; a ValueError if Beam has no filesystem for the address
        hint = "check the address, the credentials and the filesystem's options in beam.args"
        raise LogError(f"{folder} cannot be listed: {one_line(error)}; {hint}") from None
    yield from (metadata.path[len(folder) + 1 :] for metadata in match.metadata_list)
