"""Comparison rows: which figures and differences stand beside each other."""

from itertools import product

import pytest

from components.evaluation.comparison import ComparisonRow, by_source, compare, without_repeats
from components.evaluation.paired.measures import AP, LOG_LOSS
from components.evaluation.paired.row import PairedRow
from components.evaluation.results import Evaluation, SliceFigure
from components.evaluation.settings import EvaluatedHead
from components.evaluation.slices import SLICES

BOTH = ("promotion", "ad")
VALUES = {"source": BOTH, "stream_tier": (0, 1)}
KEYS = [keys for slice_ in SLICES for keys in slice_.combinations(VALUES)]
JOINT = (
    EvaluatedHead("promotion_stream", "stream", ("promotion",)),
    EvaluatedHead("ad_stream", "stream", ("ad",)),
    EvaluatedHead("click", "click", BOTH),
)
PROMOTIONS_ONLY = (EvaluatedHead("promotion_stream", "stream", BOTH), EvaluatedHead("click", "click", BOTH))


def _figure(head: EvaluatedHead, keys: dict, ap: float | None = 0.2, **changes: object) -> SliceFigure:
    values = {"low": 0.19, "high": 0.21, "positives": 50, "examples": 1000, "base_rate": 0.05, "judged": True}
    values |= {"exact": True, "broken": 0, "model": "candidate", **changes}
    return SliceFigure(ap=ap, head=head.name, label=head.label, keys=keys, **values)


def _evaluation(heads: tuple[EvaluatedHead, ...], ap: float = 0.2) -> Evaluation:
    figures = [_figure(head, keys, ap) for head, keys in product(heads, KEYS)]
    figures.append(_figure(heads[0], {}, 0.9, model="baseline"))  # the last blessed model is no row
    return Evaluation(heads, BOTH, tuple(figures))


def test_a_head_stands_beside_the_one_that_predicts_its_label_on_the_same_rows() -> None:
    rows = compare(_evaluation(JOINT, 0.22), _evaluation(PROMOTIONS_ONLY, 0.2))
    beside = {(row.head, row.figure.slice): row.other and (row.other.head, row.other.slice) for row in rows}
    assert beside["ad_stream", "source=ad"] == ("promotion_stream", "source=ad")
    assert beside["ad_stream", "overall"] == ("promotion_stream", "source=ad"), "a head's only source is all its rows"
    assert beside["ad_stream", "stream_tier=1"] == ("promotion_stream", "source=ad, stream_tier=1")
    assert beside["ad_stream", "less_streamed=1"] == ("promotion_stream", "less_streamed=1, source=ad")
    assert beside["click", "less_streamed=1"] == ("click", "less_streamed=1")
    assert beside["click", "overall"] == ("click", "overall")


def test_slices_of_a_source_that_a_head_is_not_read_on_are_left_out() -> None:
    rows = compare(_evaluation(JOINT))
    assert {row.source for row in rows if row.head == "ad_stream"} == {None, "ad"}
    assert {row.source for row in rows if row.head == "click"} == {None, *BOTH}
    assert all(row.figure.model == "candidate" and row.other is None for row in rows)


def test_rows_by_source_go_label_by_label_in_the_order_of_the_sources() -> None:
    rows = by_source(compare(_evaluation(JOINT)), BOTH)
    assert [(row.head, row.source) for row in rows] == [
        ("promotion_stream", "promotion"),
        ("ad_stream", "ad"),
        ("click", "promotion"),
        ("click", "ad"),
    ]


def test_the_only_source_of_a_head_does_not_repeat_its_rows() -> None:
    rows = without_repeats(compare(_evaluation(JOINT)))
    slices = [row.figure.slice for row in rows if row.head == "ad_stream"]
    assert slices == ["overall", "stream_tier=0", "stream_tier=1", "less_streamed=1"]
    assert sum(row.head == "click" for row in rows) == len(KEYS)


HEAD = JOINT[1]


@pytest.mark.parametrize(
    ("ap", "other", "change"),
    [
        (0.22, _figure(HEAD, {}, 0.2), 0.1),
        (0.22, None, None),
        (None, _figure(HEAD, {}, 0.2), None),
        (0.22, _figure(HEAD, {}, None), None),
    ],
)
def test_the_relative_change_needs_two_aps(ap: float | None, other: SliceFigure | None, change: float | None) -> None:
    row = ComparisonRow(HEAD.name, HEAD.label, {}, _figure(HEAD, {}, ap), other)
    assert row.relative_change == (change and pytest.approx(change))


def test_too_few_positives_give_no_change() -> None:
    few = _figure(HEAD, {}, 0.22, judged=False)
    assert ComparisonRow(HEAD.name, HEAD.label, {}, few, _figure(HEAD, {}, 0.2)).relative_change is None


def _paired(heads: tuple[str, ...], sources: tuple[str, ...], measure: str = AP, **keys: object) -> PairedRow:
    return PairedRow("stream", measure, keys, sources, heads, heads, 100, 50, 40, judged=True, relative=0.1)


def test_a_row_has_the_difference_of_exactly_its_rows() -> None:
    both = _paired(("promotion_stream", "ad_stream"), BOTH, stream_tier=1)
    of_ads = _paired(("ad_stream",), ("ad",), source="ad", stream_tier=1)
    loss = _paired(("ad_stream",), ("ad",), LOG_LOSS, source="ad", stream_tier=0)
    rows = compare(_evaluation(JOINT), None, (both, loss, of_ads), (of_ads,))
    found = {(row.head, row.figure.slice): row.paired for row in rows if row.paired}
    assert found == {("ad_stream", "source=ad, stream_tier=1"): of_ads, ("ad_stream", "stream_tier=1"): of_ads}
    assert {row.figure.slice for row in rows if row.last} == {"source=ad, stream_tier=1", "stream_tier=1"}
