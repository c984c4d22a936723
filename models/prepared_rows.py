"""Prepared examples as arrays: in memory, or in memory-mapped files where they do not fit."""

from collections.abc import Callable, Mapping
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

    @property
    def bytes_in_memory(self) -> int:
        """Bytes of the arrays that are not mapped files."""
        arrays = (getattr(self, name) for name in _ARRAYS)
        return sum(array.nbytes for array in arrays if not isinstance(array, np.memmap))


class RowStore:
    """Collects pieces of rows in memory, and moves to files once they pass a number of bytes.

    The arrays have room for all rows of the limit from the start. The system gives memory to the part that is written,
    so rows are held once, and not a second time while pieces are joined.

    Args:
        limit: bytes of rows kept in memory.
        folder: makes the folder for the files, called once and only when the limit is passed.
    """

    def __init__(self, limit: int, folder: Callable[[], Path]) -> None:
        self._limit = limit
        self._make_folder = folder
        self._folder: Path | None = None
        self._room: dict[str, np.ndarray] = {}
        self._count = 0
        self._last: PreparedRows | None = None

    def add(self, piece: PreparedRows) -> None:
        """Appends rows; all pieces have the same widths and names."""
        if not len(piece):
            return
        rows = self._limit // (piece.nbytes // len(piece))
        if self._folder is None and self._count + len(piece) > rows:
            self._folder = self._make_folder()
            _append(self._folder, {name: array[: self._count] for name, array in self._room.items()})
            self._room = {}
        if self._folder is not None:
            _append(self._folder, {name: getattr(piece, name) for name in _ARRAYS})
        else:
            for name in _ARRAYS:
                array = getattr(piece, name)
                if name not in self._room:
                    self._room[name] = np.empty((rows, *array.shape[1:]), array.dtype)
                self._room[name][self._count : self._count + len(piece)] = array
        self._count += len(piece)
        self._last = piece

    def finish(self) -> PreparedRows | None:
        """All rows in the order they came, None if there are none."""
        if self._last is None:
            return None
        if self._folder is None:
            arrays = {name: array[: self._count] for name, array in self._room.items()}
        else:
            arrays = {name: self._map(self._folder / name, getattr(self._last, name)) for name in _ARRAYS}
        return PreparedRows(**arrays, label_names=self._last.label_names, source_names=self._last.source_names)

    def _map(self, path: Path, like: np.ndarray) -> np.ndarray:
        shape = (self._count, *like.shape[1:])
        if 0 in shape:  # an empty file cannot be mapped
            return np.zeros(shape, like.dtype)
        return np.memmap(path, like.dtype, "r", shape=shape)


def _append(folder: Path, arrays: Mapping[str, np.ndarray]) -> None:
    for name, array in arrays.items():
        with (folder / name).open("ab") as file:
            array.tofile(file)
