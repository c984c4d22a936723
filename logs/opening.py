"""Opens logs for reading: checks folders and footers, and cuts every partition into chunks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from logs.chunks import Chunk, chunks_of
from logs.columns import columns_of
from logs.errors import LogError, summarise
from logs.footers import Footer, read_footers
from logs.listing import Listing, Partition, list_logs
from logs.schema import Column
from transforms.domain import Domain
from transforms.feature import Feature


@dataclass(frozen=True)
class Logs:
    """Logs whose folders and footers keep the contract. The steps of ingestion start from them."""

    columns: dict[str, tuple[Column, ...]]
    partitions: dict[str, list[Partition]]
    chunks: dict[str, list[Chunk]]

    def days(self, table: str) -> list[date]:
        """Days of a table's partitions, in order."""
        return [partition.day for partition in self.partitions[table] if partition.day]


def open_logs(logs: str, features: tuple[Feature, ...], domain: Domain) -> Logs:
    """The logs to ingest.

    Raises:
        LogError: folders, footers, or the features' columns break the contract; the message names every problem.
    """
    columns = columns_of(features, domain)
    listing = list_logs(logs)
    footers = footers_of(listing, columns)
    problems = [*listing.problems, *summarise(problems_of(footers))]
    if problems:
        raise LogError("; ".join(problems))
    return Logs(columns, listing.partitions, all_chunks(listing, footers))


def footers_of(listing: Listing, columns: dict[str, tuple[Column, ...]]) -> dict[str, Footer]:
    """The footers of all files by path."""
    return {
        footer.path: footer
        for name, partitions in listing.partitions.items()
        for footer in read_footers([path for partition in partitions for path in partition.paths], columns[name])
    }


def problems_of(footers: dict[str, Footer]) -> Iterable[tuple[str, str]]:
    """The problems of the files, as (path, problem)."""
    return ((path, problem) for path, footer in footers.items() for problem in footer.problems)


def all_chunks(listing: Listing, footers: dict[str, Footer]) -> dict[str, list[Chunk]]:
    """The chunks of each table."""
    return {name: chunks_of(partitions, footers) for name, partitions in listing.partitions.items()}
