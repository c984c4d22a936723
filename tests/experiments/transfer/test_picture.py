from pathlib import Path

import pytest

from experiments.transfer.files import MeasuredPoint
from experiments.transfer.grid import Coordinates
from experiments.transfer.picture import between, draw_map
from tests.experiments.transfer.made_gains import GAINS


def test_the_map_shows_gains_and_a_measured_point_once(tmp_path: Path):
    point = MeasuredPoint("ours", Coordinates(0.8, 0.6, 2.0, 3000), "ad", "best silo", 0.031, True)
    draw_map(tmp_path / "map.svg", GAINS, [point])
    text = (tmp_path / "map.svg").read_text()
    assert text.count("<!-- +40.0% -->") == 4 * 2 * 2  # panels by source and rival, ratios, amounts; at 0.8/0.6
    assert text.count("<!-- ours +3.1% -->") == 1
    assert "<!-- ad, over best silo, 4,000 -->" in text


@pytest.mark.parametrize(("value", "place"), [(-1, 0.0), (0, 0.0), (1, 0.5), (2, 1.0), (5, 1.5), (9, 2.0)])
def test_a_point_lies_between_its_neighbours(value: float, place: float):
    assert between([0, 2, 8], value) == place
