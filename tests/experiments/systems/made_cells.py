"""Cells with made-up figures."""

import math

from components.evaluation.paired.row import PairedRow
from components.evaluation.slices import SliceKeys
from experiments.systems.cells import ALL_WORLDS, Cell


def row(change: float, half: float, keys: SliceKeys | None = None, *, judged: bool = True, degrees: float = 1e6):
    """A comparison with AP 0.1 of the other side, and the interval `change` - `half` to `change` + `half` in log."""
    log = math.log1p(change)
    return PairedRow(
        label="stream",
        measure="ap",
        keys=keys or {},
        sources=("ad",),
        heads=("ad_stream",),
        other_heads=("ad_stream",),
        examples=1000,
        positives=100,
        users=50,
        judged=judged,
        ours=0.1 * (1 + change),
        theirs=0.1,
        difference=0.1 * change,
        low=0.0,
        high=0.0,
        relative=change,
        relative_low=math.expm1(log - half),
        relative_high=math.expm1(log + half),
        p=0.5,
        log_error=half / 1.959964,
        degrees=degrees,
        seeds_share=0.25,
    )


def cell(system: str, source: str, change: float, half: float = 0.05, **keys: int) -> Cell:
    """A cell of all worlds against promotions_only."""
    return Cell(system, "promotions_only", ALL_WORLDS, row(change, half, {"source": source, **keys}))
