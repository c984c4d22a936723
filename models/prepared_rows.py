"""Prepared examples as arrays: in memory, or in memory-mapped files where they do not fit."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_ARRAYS = ("ids", "floats", "labels", "source")


@dataclass(frozen=True)
class PreparedRows:
    """Prepared examples; row i of each array is one impression.

    Attributes:
        ids: int32 `[n, id_width]`, rows of the fused embedding table.
        floats: float32 `[n, float_width]`.
        labels: int8 `[n, len(label_names)]`, 0 or 1.
        source: int8 `[n]`, positions in `source_names`.
        label_names: the columns of `labels`.
        source_names: the sources that `source` counts.
    """

    ids: np.ndarray
    floats: np.ndarray
    labels: np.ndarray
    source: np.ndarray
    label_names: tuple[str, ...]
    source_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.source)

    def of(self, source: str) -> np.ndarray:
        """Positions of one source's rows, rising."""
        return np.flatnonzero(self.source == self.source_names.index(source))

    def label(self, name: str) -> np.ndarray:
        """One label of all rows, int8 `[n]`."""
        return self.labels[:, self.label_names.index(name)]

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(getattr(self, name).nbytes for name in _ARRAYS)


class RowStore:
    """Collects pieces of rows in memory, and moves to files once they pass a number of bytes.

    Args:
        limit: bytes of rows kept in memory; joining them takes the largest array's bytes once more.
        folder: makes the folder for the files, called once and only when the limit is passed.
    """

    def __init__(self, limit: int, folder: Callable[[], Path]) -> None:
        self._limit = limit
        self._make_folder = folder
        self._folder: Path | None = None
        self._pieces: dict[str, list[np.ndarray]] = {name: [] for name in _ARRAYS}
        self._bytes = 0
        self._count = 0
        self._last: PreparedRows | None = None

    def add(self, piece: PreparedRows) -> None:
        """Appends rows; all pieces have the same widths and names."""
        self._last = piece
        for name, arrays in self._pieces.items():
            arrays.append(getattr(piece, name))
        self._count += len(piece)
        self._bytes += piece.nbytes
        if self._folder is None and self._bytes > self._limit:
            self._folder = self._make_folder()
        if self._folder is not None:
            self._flush(self._folder)

    def finish(self) -> PreparedRows | None:
        """All rows in the order they came, None if there are none."""
        if self._last is None or not self._count:
            return None
        if self._folder is None:
            arrays = {name: self._joined(name) for name in _ARRAYS}
        else:
            arrays = {name: self._map(self._folder / name, getattr(self._last, name)) for name in _ARRAYS}
        return PreparedRows(**arrays, label_names=self._last.label_names, source_names=self._last.source_names)

    def _flush(self, folder: Path) -> None:
        for name, arrays in self._pieces.items():
            with (folder / name).open("ab") as file:
                for array in arrays:
                    array.tofile(file)
            arrays.clear()

    def _joined(self, name: str) -> np.ndarray:
        joined = np.concatenate(self._pieces[name])
        self._pieces[name].clear()  # before the next array is joined: only one is held twice at a time
        return joined

    def _map(self, path: Path, like: np.ndarray) -> np.ndarray:
        shape = (self._count, *like.shape[1:])
        if 0 in shape:  # an empty file cannot be mapped
            return np.zeros(shape, like.dtype)
        return np.memmap(path, like.dtype, "r", shape=shape)
