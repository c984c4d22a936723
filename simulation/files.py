"""Parquet files, and a folder that appears only when it is whole."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from files.paths import is_local
from simulation.config import SimulationError

ROWS_A_FILE = 250_000
ROWS_A_GROUP = 65_536


def write_table(table: pa.Table, folder: Path) -> None:
    """Writes `folder/part-00000.parquet` and so on, ROWS_A_FILE rows each; no rows give one empty file."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, start in enumerate(range(0, max(table.num_rows, 1), ROWS_A_FILE)):
        path = folder / f"part-{part:05d}.parquet"
        rows = table.slice(start, ROWS_A_FILE)
        pq.write_table(rows, path, row_group_size=ROWS_A_GROUP, compression="zstd", compression_level=1)


def local_folder(path: str | Path) -> Path:
    """`path` as a folder of this machine.

    Raises:
        SimulationError: it is an address of an object store.
    """
    if not is_local(str(path)):
        raise SimulationError(f"{path} is no folder of this machine, and worlds are made and drawn on one: name one.")
    return Path(path)


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A folder to write in that becomes `out` at the end; nothing is left behind if the block fails.

    Raises:
        SimulationError: `out` exists and is not an empty folder.
    """
    _check_free(out)
    whole = out.resolve()  # "." has no name
    partial = whole.with_name(f".{whole.name}.partial")
    try:
        whole.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(partial, ignore_errors=True)  # left by a killed run
        partial.mkdir()
    except OSError as error:
        raise SimulationError(f"{out} cannot be written ({error.strerror}): name another folder.") from error
    try:
        yield partial
        _check_free(out)
        if whole.exists():  # it stays the same folder: a shell may be in it
            for part in partial.iterdir():
                part.rename(whole / part.name)
        else:
            partial.rename(whole)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _check_free(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise SimulationError(f"{out} is a file: name a folder that does not exist yet.")
    if out.is_dir() and any(out.iterdir()):
        raise SimulationError(f"{out} exists and is not empty: delete it, or name another folder.")
