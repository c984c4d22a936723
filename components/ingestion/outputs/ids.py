"""The distinct shows, campaigns, and creatives of labelled rows, so that a report can say what training never saw."""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from apache_beam.io.filesystems import FileSystems

from files.storage import create_file, open_file

ID_COLUMNS = ("show_id", "campaign_id", "creative_id")
"""Columns of labelled rows. A config may lack some; then there are no ids of them."""

TRAINED_IDS = "ids-train.parquet"
"""The file in TemporalSplit's Examples that has the ids of the training split."""

_SCHEMA = pa.schema([("column", pa.string()), ("id", pa.string())])


def ids_file(day: str) -> str:
    """The name of the file in ingestion's Examples that has the ids of a day (ISO)."""
    return f"ids-{day}.parquet"


def kept_ids(path: str) -> str:
    """Where the ids of a day lie, beside the kept file `path` of its examples."""
    return f"{path}.ids"


def distinct_ids(labelled: pa.Table) -> pa.Table:
    """The distinct ids of labelled rows: columns `column` and `id`."""
    return _table({name: labelled[name] for name in ID_COLUMNS if name in labelled.column_names})


def write_ids(path: str, ids: pa.Table) -> None:
    """Writes ids of `distinct_ids` or `merged_ids`."""
    with create_file(path) as file:
        pq.write_table(ids, file, compression="zstd")


def merged_ids(paths: Iterable[str]) -> pa.Table:
    """The distinct ids of all files `paths`."""
    return united_ids(map(_read, paths))


def united_ids(tables: Iterable[pa.Table]) -> pa.Table:
    """The distinct ids of several tables of ids, which are read one by one.

    Tables wait until they have as many rows as the distinct ids so far. So each id is compared a few times only, and
    memory holds a few times the distinct ids, however many tables there are.
    """
    united = _SCHEMA.empty_table()
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        if sum(each.num_rows for each in waiting) >= united.num_rows:
            united = _distinct([united, *waiting])
            waiting.clear()
    return _distinct([united, *waiting])


def _distinct(tables: list[pa.Table]) -> pa.Table:
    every = pa.concat_tables(tables)
    return _table({name: every.filter(pc.equal(every["column"], name))["id"] for name in ID_COLUMNS})


def read_ids(path: str) -> dict[str, frozenset[bytes]]:
    """The ids in a file, by column; empty if there is no such file, as in Examples of another component."""
    if not FileSystems.exists(path):
        return {}
    ids = _read(path)
    columns = [name for name in ID_COLUMNS if pc.any(pc.equal(ids["column"], name)).as_py()]
    return {
        name: frozenset(ids.filter(pc.equal(ids["column"], name))["id"].cast(pa.binary()).to_pylist())
        for name in columns
    }


def _read(path: str) -> pa.Table:
    with open_file(path) as file:
        return pq.read_table(file)


def _table(ids: dict[str, pa.ChunkedArray]) -> pa.Table:
    tables = [_SCHEMA.empty_table()]
    for name, values in ids.items():
        distinct = pc.drop_null(pc.unique(values)).cast(pa.string())
        distinct = distinct.filter(pc.not_equal(distinct, ""))  # exports write an empty string where there is no id
        tables.append(pa.table([pa.array([name] * len(distinct), pa.string()), distinct], schema=_SCHEMA))
    return pa.concat_tables(tables)
