"""How the variance of a metric falls with the days of a test."""

import math
from dataclasses import dataclass

import numpy as np

from experiments.ab.measures.change import Floats

MOST_DAYS = 365
"""Tests longer than this are not considered."""


@dataclass(frozen=True)
class VarianceCurve:
    """The variance of log R of all users, by the length of the test.

    Attributes:
        measured: [n], of the last 1, 2, ... n days; NaN for windows with too few events.
        slope: s of the power law beyond them, 0 to 1.
        level: its variance after one day, of the power law.
    """

    measured: Floats
    slope: float
    level: float

    @property
    def first(self) -> int:
        """The days of the shortest window with enough events; a shorter test would find nothing to judge."""
        return int(np.argmax(np.isfinite(self.measured))) + 1

    @classmethod
    def of(cls, measured: Floats) -> "VarianceCurve | None":
        """The curve through `measured`; None if fewer than two of the longer half are known."""
        days = np.arange(1, len(measured) + 1)
        known = np.isfinite(measured) & (measured > 0) & (days > len(measured) / 2)
        if known.sum() < 2:
            return None
        slope = float(np.clip(-np.polyfit(np.log(days[known]), np.log(measured[known]), 1)[0], 0, 1))
        level = float(np.mean(np.log(measured[known]) + slope * np.log(days[known])))
        return cls(measured, slope, math.exp(level))

    def at(self, days: float) -> float:
        """The variance after `days`; as measured for a measured number of days."""
        if days <= len(self.measured) and np.isfinite(measured := self.measured[round(days) - 1]):
            return float(measured)
        return self.level * days**-self.slope

    def days_until(self, variance: float) -> int | None:
        """The first day with enough events on which the variance is as small; None after `MOST_DAYS`."""
        return next((day for day in range(self.first, MOST_DAYS + 1) if self.at(day) <= variance), None)
