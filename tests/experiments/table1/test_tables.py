import pytest

from experiments.systems.cells import ALL_WORLDS, Cell
from experiments.table1.systems import BASELINE, OTHERS, PUBLISHED
from experiments.table1.tables import show_beside, show_table1
from tests.experiments.systems.made_cells import cell, row
from tests.pipeline.terminal.screens import Screen

CELLS = [
    cell(system.name, source, 0.125, half, **keys)
    for system in OTHERS
    for source in ("promotion", "ad")
    for half, keys in ((0.05, {}), (0.5, {"less_streamed": 1}), (0.05, {"stream_tier": 7}))
]


def lines(width: int) -> list[str]:
    screen = Screen(width)
    show_table1(screen, CELLS)
    return [line.rstrip() for line in screen.text.splitlines()]


def test_every_line_fits_80_columns():
    assert max(map(len, lines(80))) <= 80


def test_the_published_figure_stands_beside_ours():
    shown = lines(120)
    start = shown.index("AP of streams, source ad, against promotions_only (0.1000)")
    row = next(line.split() for line in shown[start:] if line.startswith("joint "))
    assert row == ["joint", "0.1125", "!", "+12.5%", "+7.0%", "to", "+18.3%", "+50.2%", "100"]


def test_slices_have_a_row_each_and_systems_a_column_each():
    shown = lines(120)
    start = shown.index("Change by slice, source promotion")
    row = next(line.split() for line in shown[start:] if line.startswith("less-streamed"))
    assert row == ["less-streamed", *["+12%"] * len(OTHERS), "100"]


def test_one_system_beside_the_others_has_a_row_for_each_of_them():
    cells = [
        Cell("joint", against, ALL_WORLDS, row(change, 0.05, {"source": "ad", **keys}))
        for against, change in (("joint_mmoe", 0.002), ("promotions_only", 0.25))
        for keys in ({}, {"less_streamed": 1}, {"stream_tier": 7})
    ]
    screen = Screen(120)
    show_beside(screen, cells)
    shown = [line.rstrip() for line in screen.text.splitlines()]
    start = shown.index("AP of streams, source ad: joint (0.1002) beside the others")
    (of_baseline,) = (line.split() for line in shown[start:] if line.startswith("promotions_only"))
    # exp(log 1.25 - 0.05) = 1.1890, exp(log 1.25 + 0.05) = 1.3141
    change = ["!", "+25.0%", "+18.9%", "to", "+31.4%"]
    assert of_baseline == ["promotions_only", "0.1000", *change, *change]
    narrow = Screen(80)
    show_beside(narrow, cells)
    assert max(map(len, narrow.text.splitlines())) <= 80


def test_published_figures_are_of_systems_of_the_table():
    assert {system for system, _ in PUBLISHED} <= {system.name for system in OTHERS}
    assert BASELINE not in OTHERS


@pytest.mark.parametrize("system", [BASELINE, *OTHERS], ids=lambda system: system.name)
def test_every_system_is_a_recipe_of_the_config(system):
    from experiments.systems.configs import config_of, worlds_of
    from pipeline.configuration.file import load_config

    (world,) = worlds_of(load_config("tiny"), "/out")
    assert config_of(world, system, 1).branches_to_run[0].recipe_name == system.name
