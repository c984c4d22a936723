from experiments.ablation.tables import show_ablation
from tests.experiments.systems.made_cells import cell
from tests.pipeline.terminal.screens import Screen

CELLS = [
    cell(name, source, -0.1, **keys)
    for name in ("no_ancillary_heads", "no_mask")
    for source in ("promotion", "ad")
    for keys in ({}, {"less_streamed": 1}, {"unseen_show": 1}, {"stream_tier": 2})
]


def test_cold_slices_stand_beside_all_rows():
    screen = Screen(80)
    show_ablation(screen, CELLS, ["no_balance"])
    shown = [line.rstrip() for line in screen.text.splitlines()]
    assert max(map(len, shown)) <= 80
    row = next(line.split() for line in shown if line.startswith("no_mask"))
    assert row.count("-10.0%") == 3  # all, less-streamed, unseen show
    assert shown[-1] == "Left out, since they change nothing with this config: no_balance."
