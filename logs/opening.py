"""Opens logs for reading: checks folders and footers, and cuts every partition into chunks."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from files.atomic import write_file
from logs.chunks import Chunk, chunks_of
from logs.columns import columns_of
from logs.errors import LogError, summarise
from logs.fingerprint import digests_of
from logs.footers import Footer, read_footers
from logs.listing import Listing, Partition, list_logs
from logs.schema import Column
from transforms.domain import Domain
from transforms.feature import Feature

_Groups = dict[str, tuple[int, ...]]
"""Rows of each row group of files, by their columns, code, and digests."""

_Footers = TypeAdapter(_Groups)


@dataclass(frozen=True)
class Logs:
    """Logs whose folders and footers keep the contract. The steps of ingestion start from them.

    Attributes:
        folder: the folder of the logs.
        columns: the columns to read, by table.
        partitions: by table, in order of their days.
        chunks: by table, in order of their days and numbers.
        digests: a digest of the content of each file, by path; empty if nobody asked for digests.
    """

    folder: str
    columns: dict[str, tuple[Column, ...]]
    partitions: dict[str, list[Partition]]
    chunks: dict[str, list[Chunk]]
    digests: dict[str, str] = field(default_factory=dict)

    def days(self, table: str) -> list[date]:
        """Days of a table's partitions, in order."""
        return [partition.day for partition in self.partitions[table] if partition.day]


def memory_of(logs: str, folder: str) -> str:
    """The folder below `folder` that remembers what earlier runs saw of the files of `logs`."""
    return f"{folder}/memory/{hashlib.sha256(logs.rstrip('/').encode()).hexdigest()[:16]}"


def open_logs(logs: str, features: tuple[Feature, ...], domain: Domain, memory: str = "", code: str = "") -> Logs:
    """The logs to ingest.

    Args:
        logs: their folder.
        features: the feature table.
        domain: the sources and labels.
        memory: a local folder that remembers digests and footers of files between runs. Without it, there are no
            digests.
        code: a hash of the module `logs.footers`: other code reads the footers again.

    Raises:
        LogError: folders, footers, or the features' columns break the contract; the message names every problem.
    """
    columns = columns_of(features, domain)
    listing = list_logs(logs)
    digests = digests_of(listing, memory) if memory else {}
    footers = footers_of(listing, columns, digests, memory, code)
    problems = [*listing.problems, *summarise(problems_of(footers))]
    if problems:
        raise LogError("; ".join(problems))
    return Logs(logs, columns, listing.partitions, all_chunks(listing, footers), digests)


def footers_of(
    listing: Listing,
    columns: dict[str, tuple[Column, ...]],
    digests: Mapping[str, str] | None = None,
    memory: str = "",
    code: str = "",
) -> dict[str, Footer]:
    """The footers of all files by path; those that `memory` knows by digest, columns, and `code` are not read."""
    digests = digests or {}
    names = {table: _footer_name(columns[table], code) for table in listing.partitions}
    known = _known_footers(memory)
    footers: dict[str, Footer] = {}
    remembered: _Groups = {}
    for table, partitions in listing.partitions.items():
        paths = [path for partition in partitions for path in partition.paths]
        keys = {path: f"{names[table]} {digests.get(path)}" for path in paths}
        unknown = [path for path in paths if keys[path] not in known]
        fresh = {footer.path: footer for footer in read_footers(unknown, columns[table])}
        for path in paths:
            footers[path] = fresh[path] if path in fresh else Footer(path, known[keys[path]], ())
            if path in digests and not footers[path].problems:
                remembered[keys[path]] = footers[path].groups
    if memory and remembered != known:
        write_file(f"{memory}/footers.json", _Footers.dump_json(remembered))
    return footers


def _footer_name(columns: tuple[Column, ...], code: str) -> str:
    return hashlib.sha256(repr((columns, code)).encode()).hexdigest()[:16]


def _known_footers(memory: str) -> _Groups:
    path = Path(memory, "footers.json")
    if not memory or not path.is_file():
        return {}
    try:
        return _Footers.validate_json(path.read_bytes())
    except ValidationError:  # damaged: all footers are read again
        return {}


def problems_of(footers: dict[str, Footer]) -> Iterable[tuple[str, str]]:
    """The problems of the files, as (path, problem)."""
    return ((path, problem) for path, footer in footers.items() for problem in footer.problems)


def all_chunks(listing: Listing, footers: dict[str, Footer]) -> dict[str, list[Chunk]]:
    """The chunks of each table."""
    return {name: chunks_of(partitions, footers) for name, partitions in listing.partitions.items()}
