import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.prepared_rows import PreparedRows, RowStore
from tests.models.prepared import random_rows

ARRAYS = ("ids", "floats", "labels", "source")


def stored(pieces: list[PreparedRows], limit: int, folder: Path) -> PreparedRows | None:
    store = RowStore(limit, lambda: folder)
    for piece in pieces:
        store.add(piece)
    return store.finish()


def test_rows_beyond_memory_lie_in_files_and_are_the_same(tmp_path: Path) -> None:
    pieces = [random_rows(10, 20 + seed, seed=seed) for seed in range(5)]
    small = stored(pieces, 10**9, tmp_path)
    assert list(tmp_path.iterdir()) == []
    large = stored(pieces, sum(piece.nbytes for piece in pieces) - 1, tmp_path)
    assert small is not None
    assert large is not None
    assert isinstance(large.ids, np.memmap)
    assert (small.bytes_in_memory, large.bytes_in_memory) == (small.nbytes, 0)
    assert len(small) == len(large) == sum(len(piece) for piece in pieces)
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(small, name), getattr(large, name))
        assert getattr(small, name).dtype == getattr(large, name).dtype
    assert small.label_names == large.label_names == pieces[0].label_names
    assert small.source_names == large.source_names == pieces[0].source_names


def test_rows_in_memory_are_held_once(tmp_path: Path) -> None:
    piece = random_rows(10, 20_000, seed=1)
    tracemalloc.start()
    held, store = tracemalloc.get_traced_memory()[0], RowStore(8 * piece.nbytes, lambda: tmp_path)
    for _ in range(8):
        store.add(piece)
    tracemalloc.reset_peak()
    rows = store.finish()
    peak = tracemalloc.get_traced_memory()[1] - held
    tracemalloc.stop()
    assert rows is not None
    assert rows.bytes_in_memory == 8 * piece.nbytes
    assert peak < 1.1 * rows.nbytes  # joined pieces would be held twice


def test_rows_without_ids_can_lie_in_files(tmp_path: Path) -> None:
    piece = replace(random_rows(3, 4), ids=np.zeros((7, 0), np.int32))
    rows = stored([piece, piece], 0, tmp_path)
    assert rows is not None
    assert rows.ids.shape == (14, 0)
    np.testing.assert_array_equal(rows.floats, np.concatenate([piece.floats] * 2))


def test_nothing_stored_is_none(tmp_path: Path) -> None:
    assert stored([], 10, tmp_path) is None


def test_names_find_labels_and_sources_whatever_their_order() -> None:
    labels, source = np.array([[0, 1], [1, 0], [1, 1]], np.int8), np.array([2, 0, 2], np.int8)
    ids, floats = np.zeros((3, 1), np.int32), np.zeros((3, 1), np.float32)
    rows = PreparedRows(ids, floats, labels, source, ("save", "stream"), ("ad", "promotion", "email"))
    np.testing.assert_array_equal(rows.label("stream"), [1, 0, 1])
    np.testing.assert_array_equal(rows.of("email"), [0, 2])
    assert len(rows.of("promotion")) == 0
