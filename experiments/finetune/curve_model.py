"""A model of the learning curve, by its world, its way to train, its training rows, and its seed."""

from typing import NamedTuple

from experiments.systems.configs import ExperimentWorld


class CurveModel(NamedTuple):
    """One model of the curve.

    Attributes:
        world: its world.
        way: of `WAYS`; empty for the start model.
        rows: its training rows; 0 for the start model.
        seed: its seed.
    """

    world: ExperimentWorld
    way: str
    rows: int
    seed: int
