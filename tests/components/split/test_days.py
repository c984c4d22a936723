"""Days counted back from the last mature one, worked out by hand (docs/data.md#train-validation-test)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.ingestion.outputs.accounting import DayCount
from components.split.config import SplitConfig
from components.split.days import SPLITS, SplitError, assign_days, check_sources

BOTH = ("promotion", "ad")


def _day(number: int) -> date:
    return date(2026, 1, number)


def _count(promotion: int = 5, ad: int = 50, immature: int = 0) -> DayCount:
    return DayCount(promotion + ad + immature, 0, 0, immature, {"promotion": promotion, "ad": ad})


def _days(last: int) -> dict[date, DayCount]:
    return {_day(number): _count() for number in range(1, last + 1)}


def _split(days: dict[date, DayCount], config: SplitConfig) -> dict[str, tuple[date, ...]]:
    counts = {day.isoformat(): count for day, count in days.items()}
    splits = assign_days(counts, config)
    check_sources(splits, counts, BOTH)
    return splits


def _numbers(splits: dict[str, tuple[date, ...]]) -> dict[str, list[int]]:
    return {name: [day.day for day in days] for name, days in splits.items()}


def test_earlier_days_train_the_next_validate_the_last_test():
    splits = _split(_days(10), SplitConfig(validation_days=2, test_days=3))
    assert _numbers(splits) == {"train": [1, 2, 3, 4, 5], "validation": [6, 7], "test": [8, 9, 10]}


def test_gap_days_lie_on_both_sides_of_validation():
    splits = _split(_days(10), SplitConfig(validation_days=2, test_days=3, gap_days=1))
    assert _numbers(splits) == {"train": [1, 2, 3], "validation": [5, 6], "test": [8, 9, 10]}


def test_labelled_impressions_after_the_last_mature_day_join_the_test_split():
    days = _days(10) | {_day(10): _count(1, 4, immature=40), _day(11): _count(0, 0, immature=40)}
    splits = _split(days, SplitConfig(validation_days=2, test_days=3))
    assert _numbers(splits) == {"train": [1, 2, 3, 4], "validation": [5, 6], "test": [7, 8, 9, 10]}


def test_a_day_without_impressions_is_counted_back_over_as_a_calendar_day():
    days = _days(10)
    del days[_day(9)]
    splits = _split(days, SplitConfig(validation_days=2, test_days=3))
    assert _numbers(splits) == {"train": [1, 2, 3, 4, 5], "validation": [6, 7], "test": [8, 10]}


def test_a_day_with_nothing_labelled_is_in_no_split():
    days = _days(10) | {_day(3): _count(0, 0)}
    assert _numbers(_split(days, SplitConfig(validation_days=2, test_days=3)))["train"] == [1, 2, 4, 5]


@pytest.mark.parametrize(
    ("days", "config", "message"),
    [
        (_days(5), SplitConfig(validation_days=2, test_days=3), "Split train is empty.*split.validation_days=2"),
        ({}, SplitConfig(), "no labelled impression to split"),
        ({_day(1): _count(immature=1)}, SplitConfig(), "None of the 1 days up to 2026-01-01 has only mature"),
        (
            _days(10) | {_day(6): _count(ad=0), _day(7): _count(ad=0)},
            SplitConfig(validation_days=2, test_days=3),
            r"Split validation \(2026-01-06 to 2026-01-07, 10 labelled impressions\) has none of source 'ad'",
        ),
        (
            {_day(1): _count(), _day(9): _count(), _day(10): _count()},
            SplitConfig(validation_days=2, test_days=2),
            "Split validation is empty",
        ),
    ],
)
def test_an_empty_split_or_one_without_a_source_is_an_error_that_says_so(days, config, message):
    with pytest.raises(SplitError, match=message):
        _split(days, config)


def test_only_sources_that_a_branch_uses_must_be_in_every_split():
    days = {day.isoformat(): _count(ad=0) for day in _days(10)}
    config = SplitConfig(validation_days=2, test_days=3)
    splits = assign_days(days, config)
    assert _numbers(splits)["test"] == [8, 9, 10]
    check_sources(splits, days, ("promotion",))
    with pytest.raises(SplitError, match="has none of source 'email'; give it more days"):
        check_sources(splits, days, ("promotion", "email"))


@given(
    immature=st.integers(0, 3),
    validation=st.integers(1, 3),
    test=st.integers(1, 3),
    gap=st.integers(0, 2),
    days=st.integers(14, 25),
)
def test_splits_are_disjoint_in_order_and_apart(immature, validation, test, gap, days):
    counts = {
        date(2026, 1, 1) + timedelta(days=number): _count(immature=int(number >= days - immature))
        for number in range(days)
    }
    splits = _split(counts, SplitConfig(validation_days=validation, test_days=test, gap_days=gap))
    assert tuple(splits) == SPLITS
    train, validate, tested = splits.values()
    assert (validate[0] - train[-1]).days == (tested[0] - validate[-1]).days == gap + 1
    assert len(validate) == validation
    assert len(tested) == test + immature
    assert len(train) == days - validation - test - immature - 2 * gap


def test_only_the_last_training_days_train():
    config = SplitConfig(validation_days=2, test_days=3, gap_days=1, train_days=2)
    assert _numbers(_split(_days(10), config)) == {"train": [2, 3], "validation": [5, 6], "test": [8, 9, 10]}
    assert _split(_days(10), config.model_copy(update={"train_days": 30})) == _split(
        _days(10), config.model_copy(update={"train_days": None})
    )


def test_training_days_are_calendar_days_too():
    days = _days(10)
    del days[_day(4)]
    splits = _split(days, SplitConfig(validation_days=2, test_days=3, train_days=3))
    assert _numbers(splits) == {"train": [3, 5], "validation": [6, 7], "test": [8, 9, 10]}


@pytest.mark.parametrize("end", [8, 9])
def test_days_after_the_end_are_in_no_split_and_the_last_mature_day_is_before_it(end: int):
    days = _days(10) | {_day(9): _count(1, 4, immature=40)}
    splits = _split(days, SplitConfig(validation_days=2, test_days=3, end=_day(end)))
    after = [9] if end == 9 else []  # labelled impressions after the last mature day, 8
    assert _numbers(splits) == {"train": [1, 2, 3], "validation": [4, 5], "test": [6, 7, 8, *after]}


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (
            {"end": date(2025, 12, 31)},
            "split.end=2025-12-31 is before the first impressions; choose a day from 2026-01-01",
        ),
        (
            {"end": _day(6), "train_days": 9},
            "Split train is empty: the labelled impressions of 2026-01-01 to 2026-01-06",
        ),
        ({"end": _day(6), "train_days": 9}, "split.gap_days=0, split.train_days=9 and split.end=2026-01-06; change"),
    ],
)
def test_settings_that_leave_nothing_name_themselves(config: dict, words: str):
    with pytest.raises(SplitError, match=words):
        _split(_days(10), SplitConfig(validation_days=3, test_days=3, **config))


def test_an_end_gives_the_splits_of_logs_that_had_just_become_mature_on_that_day():
    """Logs of so many days whose windows need the day after: those of `end` + 1 days, and longer ones with `end`."""
    config = SplitConfig(validation_days=2, test_days=2)
    for last in range(5, 12):
        then = _days(last) | {_day(last + 1): _count(0, 0, immature=55)}
        now = _days(14) | {_day(15): _count(0, 0, immature=55)}
        assert _split(then, config) == _split(now, config.model_copy(update={"end": _day(last)}))


def test_an_end_gives_a_test_split_without_the_labelled_impressions_that_a_run_had_after_that_day():
    """With windows of 36 hours, logs to day 12 make day 10 mature, and the impressions of the first half of day 11."""
    config = SplitConfig(validation_days=2, test_days=3)
    then = _numbers(_split(_days(10) | {_day(11): _count(immature=40)}, config))
    now = _numbers(_split(_days(20), config.model_copy(update={"end": _day(10)})))
    assert then.pop("test") == [8, 9, 10, 11]
    assert now.pop("test") == [8, 9, 10]
    assert then == now == {"train": [1, 2, 3, 4, 5], "validation": [6, 7]}
