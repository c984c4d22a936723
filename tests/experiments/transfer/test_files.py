from pathlib import Path

import pytest

from experiments.systems.errors import SystemsError
from experiments.transfer.files import read_points, write_gains
from tests.experiments.transfer.made_gains import GAINS


def test_points_are_read_back_without_slices(tmp_path: Path):
    write_gains(tmp_path / "transfer.csv", GAINS)
    points = read_points([f"ours={tmp_path}/transfer.csv"])
    whole = [gain for gain in GAINS if not gain.cold]
    assert [(point.coordinates, point.source, point.rival) for point in points] == [
        (gain.coordinates, gain.source, gain.rival) for gain in whole
    ]
    assert [point.relative for point in points] == [gain.row.relative for gain in whole]
    assert [point.excludes_zero for point in points] == [gain.row.excludes_zero for gain in whole]


def test_what_is_no_point_says_why(tmp_path: Path):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    for option, reason in (
        ("transfer.csv", "write NAME=CSV"),
        (f"ours={tmp_path}/none.csv", "cannot read"),
        (f"ours={tmp_path}/other.csv", "is not a transfer.csv"),
    ):
        with pytest.raises(SystemsError, match=reason):
            read_points([option])
