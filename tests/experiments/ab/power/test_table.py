import pytest

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


@pytest.mark.parametrize(("alpha", "text"), [(0.001, "0.1%"), (0.025, "2.5%"), (0.05, "5%")])
def test_the_level_is_exact(alpha: float, text: str):
    screen = Screen(120)
    show_power(screen, (), PowerSettings(alpha=alpha, share=0.125))
    assert f"at a level of {text}, with 12.5% of the users" in screen.text
