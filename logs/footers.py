"""Checks Parquet footers against the contract: every problem that shows without reading rows."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from files.storage import open_file
from logs.casting import type_problem
from logs.errors import one_line, with_example
from logs.schema import Column

_READERS = 16
_WITHOUT_INT96 = (
    "write timestamps in microseconds and UTC, in Spark with the setting "
    "spark.sql.parquet.outputTimestampType=TIMESTAMP_MICROS"
)


@dataclass(frozen=True)
class Footer:
    """A file's footer.

    Attributes:
        path: the file.
        groups: rows of each row group.
        problems: each the rest of a sentence that begins with the path.
    """

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
            int96 = _int96_columns(parquet.schema)
            groups = tuple(metadata.row_group(number).num_rows for number in range(metadata.num_row_groups))
    except (OSError, pa.ArrowException) as error:
        return Footer(path, (), (with_example("cannot be read as Parquet", one_line(error)),))
    rows = sum(groups)
    return Footer(path, groups, tuple(_column_problems(schema, int96, columns, rows)))


def _int96_columns(schema: pq.ParquetSchema) -> set[str]:
    """Columns of Parquet's old type for timestamps, which Arrow shows as timestamps without a time zone."""
    fields = (schema.column(index) for index in range(len(schema)))
    return {field.path for field in fields if field.physical_type == "INT96"}


def _column_problems(schema: pa.Schema, int96: set[str], columns: tuple[Column, ...], rows: int) -> list[str]:
    problems = []
    for column in columns:
        count = schema.names.count(column.name)
        if count != 1:
            problems.append(f"has no column {column.name}" if not count else f"has two columns {column.name}")
            continue
        present = schema.field(column.name).type
        problem = type_problem(present, column.type, nullable=column.nullable or not rows)
        if problem and column.name in int96 and pa.types.is_timestamp(column.type):
            problem = f"has the old timestamp type INT96; {_WITHOUT_INT96}"
        if problem:
            problems.append(f"cannot be used: column {column.name} {problem}")
    return problems
