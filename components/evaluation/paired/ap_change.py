"""The difference of two models that a gate judges by."""

from typing import NamedTuple


class APChange(NamedTuple):
    """The difference in AP of a new model from the last blessed one on the same rows.

    Attributes:
        difference: AP - the last blessed model's AP.
        low, high: its 95 % interval, by user.
    """

    difference: float
    low: float
    high: float

    @property
    def chance(self) -> float:
        """How far the AP may fall by chance alone: with a greater drop, the whole interval is below 0."""
        return self.high - self.difference
