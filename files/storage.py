"""Reads and writes JSON and bucketed Arrow files on any filesystem of Beam.

Each record batch of a bucketed file is one bucket. A reader reads one batch by its index, so that all buckets share one
file. Every file is whole or absent, also after a kill. `files/atomic.py` does the same without Beam.
"""

import contextlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems

from files.atomic import partial_name
from files.paths import is_local

_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")


def open_file(path: str) -> Any:
    """A seekable binary file for reading."""
    return FileSystems.open(path, compression_type=CompressionTypes.UNCOMPRESSED)


@contextlib.contextmanager
def new_file(path: str) -> Iterator[str]:
    """A path to write to, whose file becomes `path` when the block ends. If the block fails, nothing is left.

    The folder need not exist. An object store shows a file only when it is complete, so there it is written directly. A
    killed process leaves a file whose name matches `files.atomic.PARTIAL_FILE`.
    """
    folder, _ = FileSystems.split(path)
    if not FileSystems.exists(folder):
        with contextlib.suppress(OSError):  # another worker was faster; a real problem shows when the file is created
            FileSystems.mkdirs(folder)
    if not FileSystems.get_filesystem(path).has_dirs():  # type: ignore[attr-defined]  # Beam names a wrong class
        yield path
        return
    partial = FileSystems.join(folder, partial_name())
    try:
        yield partial
        _take_place(partial, path)
    except BaseException:
        with contextlib.suppress(OSError):
            FileSystems.delete([partial])
        raise


def _take_place(partial: str, path: str) -> None:
    """Renames a file over another one, which only a local disk does in one step."""
    if is_local(path):
        os.replace(partial, path)  # noqa: PTH105 (addresses are no Paths)
        return
    delete(path)
    FileSystems.rename([partial], [path])


@contextlib.contextmanager
def create_file(path: str) -> Iterator[Any]:
    """A binary file for writing, as `new_file`."""
    with (
        new_file(path) as name,
        FileSystems.create(name, compression_type=CompressionTypes.UNCOMPRESSED) as file,
    ):
        yield file


def write_numbers(path: str, values: np.ndarray) -> None:
    """Writes a uint64 array."""
    with create_file(path) as file:
        file.write(values.astype("<u8").tobytes())


def read_numbers(path: str) -> np.ndarray:
    """The array of `write_numbers`; on a local disk only the pages that are looked at are read."""
    if is_local(path):
        size = os.stat(path).st_size  # noqa: PTH116
        return np.memmap(path, "<u8", "r") if size else np.zeros(0, np.uint64)
    with open_file(path) as file:
        return np.frombuffer(file.read(), "<u8")


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


def read_all(path: str) -> pl.DataFrame:
    """All record batches of a file of `write_batches`."""
    with open_file(path) as file:
        return pl.DataFrame(pl.from_arrow(pa.ipc.open_file(file).read_all()))


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
