"""Where a model stands on the learning curve."""

from typing import NamedTuple

from experiments.systems.configs import World


class Place(NamedTuple):
    """One model of the curve.

    Attributes:
        world: its world.
        way: of `WAYS`; empty for the start model.
        rows: its training rows; 0 for the start model.
        seed: its seed.
    """

    world: World
    way: str
    rows: int
    seed: int
