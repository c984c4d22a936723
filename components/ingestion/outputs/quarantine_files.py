"""The quarantine output: one Parquet file a table."""

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from files.storage import create_file, read_batch

SCHEMA = pa.schema([("table", pa.string()), ("id", pa.string()), ("reason", pa.string())])


def write_quarantine(files: Mapping[str, Sequence[str]], folder: str) -> None:
    """Writes `<folder>/<table>.parquet` with table, id (may be null) and reason of each row, empty if none is bad."""
    for table, paths in files.items():
        with create_file(f"{folder}/{table}.parquet") as file, pq.ParquetWriter(file, SCHEMA) as writer:
            for path in paths:
                writer.write_table(read_batch(path).to_arrow().cast(SCHEMA))
