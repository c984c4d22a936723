"""Files on Beam's filesystems: whole or absent, and read back as they were written."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from files.storage import create_file, new_file, read_all, read_batch, read_numbers, write_batches, write_numbers


class KilledError(Exception):
    pass


def test_a_file_appears_when_it_is_whole_in_a_folder_that_need_not_exist(tmp_path: Path):
    path = tmp_path / "new" / "file"
    with create_file(str(path)) as file:
        file.write(b"half")
        assert not path.exists()
    assert path.read_bytes() == b"half"
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


def test_a_write_that_fails_leaves_what_was_there_and_nothing_else(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(KilledError), create_file(str(path)) as file:
        file.write(b"new")
        raise KilledError
    assert path.read_bytes() == b"old"
    with pytest.raises(KilledError), new_file(str(path)):
        raise KilledError
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("values", [[], [0, 1, 2**64 - 1]])
def test_numbers_are_read_back(tmp_path: Path, values: list[int]):
    path = str(tmp_path / "numbers.u64")
    write_numbers(path, np.array(values, np.uint64))
    assert read_numbers(path).tolist() == values


def test_all_batches_are_read_back_in_order(tmp_path: Path):
    path = str(tmp_path / "file.arrow")
    frames = [pl.DataFrame({"a": [1, 2]}), pl.DataFrame({"a": []}, schema={"a": pl.Int64}), pl.DataFrame({"a": [3]})]
    write_batches(path, frames)
    assert read_all(path)["a"].to_list() == [1, 2, 3]
    assert read_batch(path, 2)["a"].to_list() == [3]
