"""The fields of a figure, and how they pass through TFMA's metrics, which are floats."""

import math
from dataclasses import asdict, dataclass

import numpy as np

from components.evaluation.counted import NOTHING, CountedRows, count
from components.evaluation.figure import COUNTS, Figure, count_values, figure, typed_counts


@dataclass(frozen=True)
class Newer(Figure):
    """What a later version measures as well."""

    users: int = 0
    share: float | None = None


def counted(labels: list[int], scores: list[float]) -> CountedRows:
    """Rows, each of a user of its own."""
    return count(np.array(labels), np.array(scores, np.float32), np.arange(len(labels), dtype=np.int16), limit=100)


def values_of(figure: Figure) -> dict[str, object]:
    return {name: value for name, value in asdict(figure).items() if name in COUNTS}


def test_the_counts_are_all_fields_but_ap_and_its_interval() -> None:
    ratio = ("expected", "calibration", "calibration_low", "calibration_high")
    assert ("positives", "examples", "base_rate", "judged", "exact", "broken", *ratio) == COUNTS


def test_counts_come_back_from_floats_with_their_types() -> None:
    written = figure(counted([1, 0, 0, 0], [0.75, 0.5, 0.25, np.nan]), min_positives=1)
    counts = typed_counts(count_values(written))
    assert counts == values_of(written)
    assert counts == {
        "positives": 1,
        "examples": 4,
        "base_rate": 0.25,
        "judged": True,
        "exact": True,
        "broken": 1,
        "expected": 1.5,
        "calibration": None,  # a broken score has no part in the sum
        "calibration_low": None,
        "calibration_high": None,
    }
    assert [type(counts[name]) for name in COUNTS[:7]] == [int, int, float, bool, bool, int, float]


def test_calibration_is_expected_over_observed_with_its_interval() -> None:
    written = figure(counted([1, 0, 0], [0.75, 0.5, 0.25]), min_positives=1)
    assert (written.expected, written.calibration) == (1.5, 1.5)
    assert written.calibration_low is not None
    assert written.calibration_high is not None
    assert 0 < written.calibration_low < 1.5 < written.calibration_high
    assert typed_counts(count_values(written)) == values_of(written)


def test_a_value_that_is_none_is_nan_for_tfma_and_comes_back() -> None:
    empty = figure(NOTHING, min_positives=1)
    assert math.isnan(count_values(empty)["base_rate"])
    assert typed_counts(count_values(empty)) == values_of(empty)


def test_a_new_count_has_its_default_for_an_evaluation_that_was_written_before() -> None:
    earlier = figure(counted([1, 0], [0.9, 0.1]), min_positives=1)
    floats = count_values(earlier) | {"metric_of_another_kind": 3.0}
    evaluated = Newer(ap=earlier.ap, low=earlier.low, high=earlier.high, **typed_counts(floats, Newer))
    assert evaluated == Newer(**asdict(earlier), users=0, share=None)
    floats |= {"users": 7.0, "share": math.nan}
    assert typed_counts(floats, Newer) == values_of(earlier) | {"users": 7, "share": None}
