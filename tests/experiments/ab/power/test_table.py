from experiments.ab.measures.segments import HEADLINES
from experiments.ab.power.calculation import PowerSettings, power_rows
from experiments.ab.power.table import show_power
from tests.experiments.ab.made_days import heavy_tailed
from tests.pipeline.terminal.screens import Screen


def test_the_power_table_fits_80_columns():
    screen = Screen(80)
    show_power(screen, power_rows(heavy_tailed(users=800), PowerSettings(), HEADLINES), PowerSettings())
    lines = screen.text.splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.split()[:1] == ["CTR"] and " ~ " in line for line in lines), "longer than the logs"
