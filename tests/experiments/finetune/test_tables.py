"""The tables of the learning curve in 80 columns."""

from experiments.finetune.points import CurvePoint
from experiments.finetune.systems import NOTHING, WAYS
from experiments.finetune.tables import show_points
from experiments.systems.cells import ALL_WORLDS, Cell
from tests.experiments.systems.made_cells import row
from tests.pipeline.terminal.screens import Screen


def test_every_way_beside_every_head_fits_80_columns() -> None:
    pairs = [(way, other) for other in (NOTHING, "stream head", "click head") for way in WAYS if way != other]
    points = [
        CurvePoint(rows, Cell(way, other, ALL_WORLDS, row(-0.5, 0.05, {"source": "promotion", **keys})))
        for rows in (500, 20_000)
        for way, other in pairs
        for keys in ({}, {"less_streamed": 1}, {"unseen_show": 1})
    ]
    screen = Screen(80)
    show_points(screen, points, "click")
    lines = screen.text.splitlines()
    assert max(map(len, lines)) <= 80
    changes = [line.split() for line in lines if "to -47.4%" in line]
    assert len(changes) == 2 * len(pairs)
    assert [
        "20,000",
        "from",
        "nothing,",
        "all",
        "heads",
        "click",
        "head",
        "!",
        "-50.0%",
        "-52.4%",
        "to",
        "-47.4%",
    ] in changes
