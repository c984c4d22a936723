"""Finds the kept clean rows of logs, and reads the others."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import groupby

from components.code_hash import code_hash
from components.ingestion.steps.beam_map import Steps
from components.ingestion.steps.read import ChunkFiles, CleanRows, Content, ReadChunk, read_chunk
from files.kept import Kept, key_of
from logs.chunks import Chunk
from logs.columns import entities_of, named_columns, vector_column
from logs.digests import Digests
from logs.errors import changed
from logs.opening import Logs
from transforms.domain import Domain
from transforms.feature import Feature

EVENTS = ("impressions", "interactions")


@dataclass(frozen=True)
class CleanChunk:
    """A chunk that was read: where its files are, and the record of its rows."""

    item: ReadChunk
    key: str
    facts: CleanRows

    @property
    def quarantine(self) -> str | None:
        """The file of bad rows, None without any."""
        return self.item.files.path("quarantine") if self.facts.quarantined else None


@dataclass(frozen=True)
class CleanDay:
    """A partition that was read.

    Attributes:
        table: the table's name.
        day: the partition's day, None for a table without days.
        chunks: in order.
    """

    table: str
    day: date | None
    chunks: tuple[CleanChunk, ...]

    @cached_property
    def key(self) -> str:
        """A name for the content of the clean rows."""
        return key_of([chunk.key for chunk in self.chunks])

    @property
    def rows(self) -> int:
        """All rows, good and bad."""
        return sum(chunk.facts.rows for chunk in self.chunks)

    @property
    def quarantined(self) -> Counter[str]:
        """Bad rows by reason."""
        return sum((Counter(chunk.facts.quarantined) for chunk in self.chunks), Counter())

    @cached_property
    def known_later(self) -> set[int]:
        """Of interactions, the later days on which a stream of this day ended, as numbers."""
        return {day for chunk in self.chunks for day in chunk.facts.known_later}

    def paths(self, content: Content) -> tuple[str, ...]:
        """The files with this content, in the chunks' order."""
        return tuple(chunk.item.files.path(content) for chunk in self.chunks)


@dataclass(frozen=True)
class WrittenRows:
    """The record of files of rows, which says that they are whole."""


class Reader:
    """Reads the clean rows of logs that are not kept yet.

    Args:
        logs: the logs.
        features: the feature table.
        domain: the sources and labels.
        buckets: number of buckets of users.
        steps: runs the step `read`; its scratch folder holds the rows of tables that later runs need only as states.
        kept: holds the rest.
    """

    def __init__(
        self, logs: Logs, features: tuple[Feature, ...], domain: Domain, buckets: int, steps: Steps, kept: Kept
    ) -> None:
        self._logs, self._features, self._domain, self._buckets = logs, features, domain, buckets
        self._steps, self._kept = steps, kept
        self._code = code_hash("components.ingestion.steps.read")
        self._in_scratch: set[str] = set()

    def read(self) -> dict[str, list[CleanDay]]:
        """Every partition by table, in the days' order.

        Raises:
            LogError: a file cannot be used, or it changed since the logs were opened.
        """
        keyed = [
            (self._item(chunk, key), key)
            for table, chunks in self._logs.chunks.items()
            for chunk, key in zip(chunks, self._keys(table, chunks), strict=True)
        ]
        facts = {key: self._kept.find("facts", key, CleanRows) for _, key in keyed}
        unread = [(self._unwritten(item, key), key) for item, key in keyed if facts[key] is None]
        facts |= self._read("read", unread)
        days: dict[str, list[CleanDay]] = {table: [] for table in self._logs.chunks}
        for (table, day), chunks in groupby(keyed, lambda pair: (pair[0].chunk.table, pair[0].chunk.day)):
            clean = tuple(CleanChunk(item, key, _known(facts[key])) for item, key in chunks)
            days[table].append(CleanDay(table, day, clean))
        return days

    def provide_rows(self, step: str, days: Iterable[CleanDay]) -> None:
        """Makes sure that the files with the rows of `days` exist; `step` is the name of the step that reads them.

        Raises:
            LogError: as for `read`.
        """
        chunks = [chunk for day in days for chunk in day.chunks]
        missing = [chunk for chunk in chunks if not self._has_rows(chunk.item, chunk.key)]
        self._read(step, [(replace(chunk.item, facts=False), chunk.key) for chunk in missing])

    def use_rows(self, days: Iterable[CleanDay]) -> None:
        """Notes that the next run may need the rows of `days`."""
        for day in days:
            for chunk in day.chunks:
                self._kept.use("rows", self._rows_key(chunk.key))

    def _keys(self, table: str, chunks: Sequence[Chunk]) -> Iterator[str]:
        vectors = [
            (column, feature.length)
            for feature in self._features
            if feature.storage.several == "fixed" and (column := vector_column(feature)).startswith(f"{table}.")
        ]
        # Only what reading this table depends on.
        entities = [entity.name for entity in entities_of(self._features, self._domain)]
        names = {"impressions": (self._domain.sources, entities), "interactions": self._domain.kinds}.get(table)
        shared = key_of(
            self._code, table, repr(self._logs.columns[table]), named_columns(self._features, table), vectors, names
        )
        for chunk in chunks:
            parts = [(self._logs.digests.get(path, path), groups) for path, groups in chunk.parts]
            yield key_of(shared, chunk.day, chunk.number, parts)

    def _item(self, chunk: Chunk, key: str) -> ReadChunk:
        rows_key = self._rows_key(key)
        in_kept = chunk.table in EVENTS
        rows = self._kept.base("rows", rows_key) if in_kept else f"{self._steps.scratch}/rows/{rows_key}"
        files = ChunkFiles(self._kept.base("facts", key), rows)
        columns = self._logs.columns[chunk.table]
        return ReadChunk(chunk, columns, self._features, self._domain, self._buckets, files)

    def _unwritten(self, item: ReadChunk, key: str) -> ReadChunk:
        """The item of a chunk without facts, which may have rows: another run may use these at this moment."""
        return replace(item, rows=not self._has_rows(item, key))

    def _rows_key(self, key: str) -> str:
        return key_of(key, self._buckets)

    def _has_rows(self, item: ReadChunk, key: str) -> bool:
        if item.chunk.table in EVENTS:
            return self._kept.find("rows", self._rows_key(key), WrittenRows) is not None
        return key in self._in_scratch

    def _read(self, step: str, work: Sequence[tuple[ReadChunk, str]]) -> dict[str, CleanRows]:
        """Reads chunks; keeps what it read once their files are known to have stayed the same."""
        done = self._steps.run(step, read_chunk, CleanRows, [item for item, _ in work])
        paths = [path for item, _ in work for path, _ in item.chunk.parts if path in self._logs.digests]
        if Digests().of(paths) != [self._logs.digests[path] for path in paths]:
            raise changed(self._logs.folder)
        for (item, key), facts in zip(work, done, strict=True):
            if item.chunk.table not in EVENTS:
                self._in_scratch.add(key)
            elif item.rows:
                self._kept.keep("rows", self._rows_key(key), WrittenRows())
            if item.facts:
                self._kept.keep("facts", key, facts)
        return {key: facts for (_, key), facts in zip(work, done, strict=True)}


def _known(facts: CleanRows | None) -> CleanRows:
    if facts is None:
        raise AssertionError("every chunk was read")
    return facts
