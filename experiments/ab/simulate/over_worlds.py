"""One test in several worlds: the change in each, and how far the average holds for other worlds.

Pooled users say how sure a change is in these worlds with these models. Another world, or the same models trained with
other rows, differs by more. So the log change of each world is one observation, with the same weight. With the mean m
and the standard deviation s of N worlds, the interval is m +- t(N - 1) s / sqrt(N) (Student 1908).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from experiments.ab.analyze.results import Analysis
from experiments.ab.simulate.expected import Changes


@dataclass(frozen=True)
class WorldsRow:
    """A change in several worlds. None where there is no figure.

    Attributes:
        arm, segment, metric: names.
        changes: by world, the relative change of the simulated logs; worlds with too few events are left out.
        change, low, high: their mean and its 95 % interval over worlds.
        expected, expected_low, expected_high: the same of the changes by the worlds' own probabilities, over
            all worlds, also over those with too few events for a change.
    """

    arm: str
    segment: str
    metric: str
    changes: Mapping[str, float]
    change: float | None
    low: float | None
    high: float | None
    expected: float | None
    expected_low: float | None
    expected_high: float | None


def over_worlds(analyses: Mapping[str, Analysis], expected: Mapping[str, Changes]) -> list[WorldsRow]:
    """A row for each change that some world has, from the analysis and the truth of each world, by its name."""
    by_key: dict[tuple[str, str, str], dict[str, float]] = {}
    for world, analysis in analyses.items():
        for row in analysis.changes:
            changes = by_key.setdefault((row.arm, row.segment, row.metric), {})
            if row.judged and row.change is not None:
                changes[world] = row.change
    rows = []
    for key, changes in by_key.items():
        truth = [of_world[key] for of_world in expected.values() if key in of_world]
        rows.append(WorldsRow(*key, changes, *mean_change(list(changes.values())), *mean_change(truth)))
    return rows


def mean_change(changes: Sequence[float]) -> tuple[float | None, float | None, float | None]:
    """The mean of relative changes, and its interval, which takes two; None without any, or if one is -100 %."""
    if not changes or min(changes) <= -1.0:
        return None, None, None
    logs = np.log1p(changes)
    mean = float(logs.mean())
    if len(logs) < 2:
        return math.expm1(mean), None, None
    half = float(t.ppf(0.975, len(logs) - 1) * logs.std(ddof=1) / math.sqrt(len(logs)))
    return math.expm1(mean), math.expm1(mean - half), math.expm1(min(mean + half, 700.0))
