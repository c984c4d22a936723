"""Prepared examples as arrays: in memory, or memory-mapped files where they are too many."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from transforms.labels import SOURCES, Source


@dataclass(frozen=True)
class Rows:
    """Prepared examples; row i of each array is one impression.

    Attributes:
        ids: int32 `[n, id_width]`, rows of the fused embedding table.
        floats: float32 `[n, float_width]`.
        labels: int8 `[n, len(LABELS)]`, 0 or 1, columns in the order of `LABELS`.
        source: int8 `[n]`, positions in `SOURCES`.
    """

    ids: np.ndarray
    floats: np.ndarray
    labels: np.ndarray
    source: np.ndarray

    def __len__(self) -> int:
        return len(self.source)

    def of(self, source: Source) -> np.ndarray:
        """Positions of one source's rows, rising."""
        return np.flatnonzero(self.source == SOURCES.index(source))

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self.ids.nbytes + self.floats.nbytes + self.labels.nbytes + self.source.nbytes


_ARRAYS = ("ids", "floats", "labels", "source")


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
        self._like: Rows | None = None

    def add(self, piece: Rows) -> None:
        """Appends rows; all pieces have the same widths."""
        self._like = piece
        for name, arrays in self._pieces.items():
            arrays.append(getattr(piece, name))
        self._count += len(piece)
        self._bytes += piece.nbytes
        if self._folder is None and self._bytes > self._limit:
            self._folder = self._make_folder()
        if self._folder is not None:
            self._flush(self._folder)

    def finish(self) -> Rows | None:
        """All rows in the order they came, None if there are none."""
        if self._like is None or not self._count:
            return None
        if self._folder is None:
            return Rows(**{name: self._joined(name) for name in _ARRAYS})
        return Rows(*(self._map(self._folder / name, getattr(self._like, name)) for name in _ARRAYS))

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
