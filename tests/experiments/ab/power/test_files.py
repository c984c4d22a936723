import csv
from pathlib import Path

from experiments.ab.measures.segments import HEADLINES
from experiments.ab.power.calculation import PowerSettings, power_rows
from experiments.ab.power.files import write_power
from experiments.ab.power.picture import draw_power
from tests.experiments.ab.made_days import heavy_tailed


def test_power_as_a_table_and_a_picture(tmp_path: Path):
    settings = PowerSettings()
    rows = power_rows(heavy_tailed(users=800), settings, HEADLINES)
    write_power(tmp_path / "p.csv", rows)
    with (tmp_path / "p.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [float(line["smallest_lift_14_days"]) for line in lines] == [row.smallest[1] for row in rows]
    for name in ("p.png", "p.svg"):
        draw_power(tmp_path / name, rows, settings)
        assert (tmp_path / name).stat().st_size > 1000
    draw_power(tmp_path / "none.png", [], settings)
    assert (tmp_path / "none.png").is_file()
