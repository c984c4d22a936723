"""The fields of a figure, and how they pass through TFMA's metrics, which are floats."""

import math
from dataclasses import asdict, dataclass

import numpy as np

from components.evaluation.curve import EMPTY, from_rows
from components.evaluation.figure import COUNTS, Figure, count_values, figure, typed_counts


@dataclass(frozen=True)
class Newer(Figure):
    """What a later version measures as well."""

    users: int = 0
    share: float | None = None


def values_of(figure: Figure) -> dict[str, object]:
    return {name: value for name, value in asdict(figure).items() if name in COUNTS}


def test_the_counts_are_all_fields_but_ap_and_its_interval() -> None:
    assert COUNTS == ("positives", "examples", "base_rate", "judged", "exact", "broken")


def test_counts_come_back_from_floats_with_their_types() -> None:
    labels, scores = np.array([1, 0, 0, 0]), np.array([0.9, 0.5, 0.1, np.nan])
    written = figure(from_rows(labels, scores, 100), min_positives=1)
    read = typed_counts(count_values(written))
    assert read == values_of(written)
    assert read == {
        "positives": 1,
        "examples": 4,
        "base_rate": 0.25,
        "judged": True,
        "exact": True,
        "broken": 1,
    }
    assert [type(read[name]) for name in COUNTS] == [int, int, float, bool, bool, int]


def test_a_value_that_is_none_is_nan_for_tfma_and_comes_back() -> None:
    empty = figure(EMPTY, min_positives=1)
    assert math.isnan(count_values(empty)["base_rate"])
    assert typed_counts(count_values(empty)) == values_of(empty)


def test_a_new_count_has_its_default_for_an_evaluation_that_was_written_before() -> None:
    earlier = figure(from_rows(np.array([1, 0]), np.array([0.9, 0.1]), 100), min_positives=1)
    floats = count_values(earlier) | {"metric_of_another_kind": 3.0}
    read = Newer(ap=earlier.ap, low=earlier.low, high=earlier.high, **typed_counts(floats, Newer))
    assert read == Newer(**asdict(earlier), users=0, share=None)
    floats |= {"users": 7.0, "share": math.nan}
    assert typed_counts(floats, Newer) == values_of(earlier) | {"users": 7, "share": None}
