"""Parquet footers against the contract: everything that can be known without reading rows."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from files.storage import open_file
from logs.casting import type_problem
from logs.errors import one_line
from logs.schema import Column

_READERS = 16


@dataclass(frozen=True)
class Footer:
    """What a file's footer says: rows of each row group, and problems that complete a sentence begun with its path."""

    path: str
    groups: tuple[int, ...]
    problems: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Rows of the file."""
        return sum(self.groups)


def read_footers(paths: Sequence[str], columns: tuple[Column, ...]) -> list[Footer]:
    """The footers of files of one table, in the given order."""
    with ThreadPoolExecutor(_READERS) as pool:
        return list(pool.map(lambda path: _read_footer(path, columns), paths))


def _read_footer(path: str, columns: tuple[Column, ...]) -> Footer:
    try:
        with open_file(path) as file:
            parquet = pq.ParquetFile(file)
            metadata, schema = parquet.metadata, parquet.schema_arrow
            groups = tuple(metadata.row_group(number).num_rows for number in range(metadata.num_row_groups))
    except (OSError, pa.ArrowException) as error:
        return Footer(path, (), (f"cannot be read as Parquet: {one_line(error)}",))
    rows = sum(groups)
    return Footer(path, groups, tuple(_column_problems(schema, columns, rows)))


def _column_problems(schema: pa.Schema, columns: tuple[Column, ...], rows: int) -> list[str]:
    problems = []
    for column in columns:
        found = schema.names.count(column.name)
        if found != 1:
            problems.append(f"has no column {column.name}" if not found else f"has two columns {column.name}")
            continue
        problem = type_problem(schema.field(column.name).type, column.type, nullable=column.nullable or not rows)
        if problem:
            problems.append(f"cannot be used: column {column.name} {problem}")
    return problems
