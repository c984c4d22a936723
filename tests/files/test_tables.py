"""CSV files are whole or absent."""

from pathlib import Path

import pytest

from files.tables import write_table


def test_a_table_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.csv"
    write_table(path, ["name", "value"], [["a, b", 0.5], ['"c"', None]])
    assert path.read_bytes() == b'name,value\n"a, b",0.5\n"""c""",\n'


def test_a_failure_between_two_rows_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_table(path, ["value"], [[1]])
    with pytest.raises(ZeroDivisionError):
        write_table(path, ["value"], ([1 / row] for row in (1, 0)))
    assert path.read_text() == "value\n1\n"
    assert [file.name for file in tmp_path.iterdir()] == ["a.csv"]
