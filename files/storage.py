"""Reads and writes JSON and bucketed Arrow files on any filesystem of Beam.

Each record batch of a bucketed file is one bucket. A reader reads one batch by its index, so that all buckets share one
file. `files/atomic.py` writes whole files and folders; the files here are work files that only one run sees.
"""

import contextlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl
import pyarrow as pa
from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems

_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")


def open_file(path: str) -> Any:
    """A seekable binary file for reading."""
    return FileSystems.open(path, compression_type=CompressionTypes.UNCOMPRESSED)


def create_file(path: str) -> Any:
    """A binary file for writing; the folder need not exist."""
    folder, _ = FileSystems.split(path)
    if not FileSystems.exists(folder):
        with contextlib.suppress(OSError):  # another worker was faster; a real problem shows when the file is created
            FileSystems.mkdirs(folder)
    return FileSystems.create(path, compression_type=CompressionTypes.UNCOMPRESSED)


def write_json(path: str, value: Any) -> None:
    """Writes `value` as JSON."""
    with create_file(path) as file:
        file.write(json.dumps(value, indent=2).encode() + b"\n")


def read_json(path: str) -> Any:
    """Reads a file of `write_json`."""
    with open_file(path) as file:
        return json.loads(file.read())


def write_batches(path: str, frames: Iterable[pl.DataFrame]) -> None:
    """Writes frames of one schema, at least one, as the record batches of an Arrow file."""
    writer = None
    with create_file(path) as file:
        for frame in frames:
            table = frame.to_arrow()
            writer = writer or pa.ipc.new_file(file, table.schema, options=_OPTIONS)
            writer.write_batch(_one_batch(table))
        if writer is None:
            raise ValueError(f"nothing to write to {path}")
        writer.close()


def read_batch(path: str, index: int = 0) -> pl.DataFrame:
    """One record batch of a file of `write_batches`."""
    with open_file(path) as file:
        return pl.DataFrame(pl.from_arrow(pa.ipc.open_file(file).get_batch(index)))


def read_batches(paths: Sequence[str], index: int = 0) -> pl.DataFrame:
    """The same record batch of several files (at least one), concatenated."""
    return pl.concat([read_batch(path, index) for path in paths], rechunk=True)


def delete(path: str) -> None:
    """Deletes a file or folder, if it exists."""
    paths = [path] if FileSystems.exists(path) else _files_below(path)
    if paths:
        FileSystems.delete(paths)


def replace(source: str, destination: str) -> None:
    """Moves a file or folder over an existing one: in one step if the filesystem has folders, else file by file."""
    delete(destination)
    sources = [source] if FileSystems.exists(source) else _files_below(source)
    FileSystems.rename(sources, [destination + path[len(source) :] for path in sources])


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    batches = table.combine_chunks().to_batches()
    if batches:
        (batch,) = batches
        return pa.RecordBatch.from_arrays([_from_first(column) for column in batch.columns], schema=batch.schema)
    return pa.RecordBatch.from_arrays([pa.array([], field.type) for field in table.schema], schema=table.schema)


def _from_first(column: pa.Array) -> pa.Array:
    """The same values. Copies lists that begin after the start of their buffer, since Arrow 10 writes these wrongly."""
    if pa.types.is_large_list(column.type) and column.offsets[0].as_py() != 0:
        return column.take(pa.array(range(len(column))))
    return column


def _files_below(folder: str) -> list[str]:
    (match,) = FileSystems.match([f"{folder}/**"])
    return [metadata.path for metadata in match.metadata_list]
