"""Gains with made-up figures: joint gains with the correlation, and loses without it."""

from experiments.transfer.gains import RIVALS, Gain
from experiments.transfer.grid import Coordinates
from experiments.transfer.systems import SILOS
from tests.experiments.systems.made_cells import row

GAINS = [
    Gain(
        Coordinates(show, user, ratio, amount), source, rival, "silo", row(show - 0.4, 0.1, {"source": source, **keys})
    )
    for show, user in ((0.0, 0.0), (0.4, 0.3), (0.8, 0.6))
    for ratio in (1.0, 4.0)
    for amount in (1000, 4000)
    for source in SILOS
    for rival in RIVALS
    for keys in ({}, {"less_streamed": 1})
]
