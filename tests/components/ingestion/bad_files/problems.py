"""Files of logs to change, and the sentence that ingestion then stops with."""

import pyarrow.parquet as pq
import pytest

from logs.errors import LogError
from tests.components.ingestion.in_process import ingest_in_process
from transforms.features import FEATURES


def only_file(logs, table):
    return next((logs / table).rglob("*.parquet"))


def change(logs, table, column, array):
    """Replaces a column of a table's first file, or drops it if `array` is None."""
    path = next(path for path in sorted((logs / table).rglob("*.parquet")) if pq.ParquetFile(path).metadata.num_rows)
    with path.open("rb") as file:
        old_table = pq.ParquetFile(file).read()
    index = old_table.schema.get_field_index(column)
    changed = old_table.remove_column(index) if array is None else old_table.set_column(index, column, array)
    pq.write_table(changed, path, version="2.6")
    return path


def problem_of(logs, features=FEATURES):
    with pytest.raises(LogError) as error:
        ingest_in_process(str(logs), logs.parent / "out", features=features)
    assert "\n" not in str(error.value)
    assert not (logs.parent / "out").exists() or not list((logs.parent / "out").rglob("*.parquet"))
    return str(error.value)
