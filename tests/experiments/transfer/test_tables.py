from experiments.transfer.tables import show_gains
from tests.experiments.transfer.made_gains import GAINS
from tests.pipeline.terminal.screens import Screen


def test_every_point_has_a_row_and_every_line_fits_80_columns():
    screen = Screen(80)
    show_gains(screen, GAINS)
    shown = [line.rstrip() for line in screen.text.splitlines()]
    assert max(map(len, shown)) <= 80
    start = shown.index("Gain of joint over pooling, AP of streams, source ad")
    rows = [line.split() for line in shown[start:] if line.startswith("0.8/0.6")]
    assert [row[:5] for row in rows] == [
        ["0.8/0.6", ratio, amount, "!", "+40.0%"] for ratio in ("1", "4") for amount in ("1,000", "4,000")
    ]
