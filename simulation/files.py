"""Tables as Parquet files."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROWS_A_FILE = 250_000
ROWS_A_GROUP = 65_536


def write_table(table: pa.Table, folder: Path) -> None:
    """Writes `folder/part-00000.parquet` and so on, ROWS_A_FILE rows each. A table without rows is one empty file."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, start in enumerate(range(0, max(table.num_rows, 1), ROWS_A_FILE)):
        path = folder / f"part-{part:05d}.parquet"
        rows = table.slice(start, ROWS_A_FILE)
        pq.write_table(rows, path, row_group_size=ROWS_A_GROUP, compression="zstd", compression_level=1)
