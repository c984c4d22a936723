from pathlib import Path

import numpy as np

from models.training.prepared_rows import Rows, RowStore
from tests.models.prepared import random_rows

ARRAYS = ("ids", "floats", "labels", "source")


def stored(pieces: list[Rows], limit: int, folder: Path) -> Rows | None:
    store = RowStore(limit, lambda: folder)
    for piece in pieces:
        store.add(piece)
    return store.finish()


def test_rows_beyond_memory_lie_in_files_and_are_the_same(tmp_path: Path) -> None:
    pieces = [random_rows(10, 20 + seed, seed=seed) for seed in range(5)]
    small = stored(pieces, 10**9, tmp_path)
    assert list(tmp_path.iterdir()) == []
    large = stored(pieces, pieces[0].nbytes * 2, tmp_path)
    assert small is not None
    assert large is not None
    assert isinstance(large.ids, np.memmap)
    assert len(small) == len(large) == sum(len(piece) for piece in pieces)
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(small, name), getattr(large, name))
        assert getattr(small, name).dtype == getattr(large, name).dtype


def test_rows_without_ids_can_lie_in_files(tmp_path: Path) -> None:
    piece = random_rows(3, 4)
    without = Rows(np.zeros((7, 0), np.int32), piece.floats, piece.labels, piece.source)
    found = stored([without, without], 0, tmp_path)
    assert found is not None
    assert found.ids.shape == (14, 0)
    np.testing.assert_array_equal(found.floats, np.concatenate([piece.floats] * 2))


def test_nothing_stored_is_none(tmp_path: Path) -> None:
    assert stored([], 10, tmp_path) is None
