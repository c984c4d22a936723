"""Options of `coldcast ab power`, checked before any work."""

import math

from experiments.ab.errors import ExperimentError


def checked_lift(lift: float) -> None:
    """Checks a relative change to find.

    Raises:
        ExperimentError: there is no such change.
    """
    if lift == 0 or not -1 < lift < math.inf:
        raise ExperimentError(f"--lift {lift:g}: give a change greater than -1 and other than 0, such as 0.05 for +5 %")
