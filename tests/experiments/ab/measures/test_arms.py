from datetime import timedelta

import pytest

from experiments.ab.errors import ExperimentError
from experiments.ab.measures.arms import ab_test_of
from tests.experiments.ab.made_days import START, user_days

DAY = timedelta(days=1)


def row(user: str, arm: str | None, day: int, impressions: float = 1) -> tuple:
    return (user, arm, day, 0, 0, impressions, 0, 0, 0)


ROWS = [row("a", None, 1), row("a", None, 2), row("a", None, 3), row("a", "control", 4), row("b", "joint", 5)]


def test_the_test_begins_with_the_first_arm_and_the_days_before_end_a_window_earlier():
    """The test begins on day 4: an outcome of day 3 may come on day 4, so days 1 and 2 remain."""
    test = ab_test_of(user_days(*ROWS, row("c", None, 5, 7), row("d", None, 1)), DAY)
    assert (test.control, test.treatments, test.sources) == ("control", ("joint",), ("ad",))
    assert (test.start, test.end) == (START + 4 * DAY, START + 5 * DAY)
    assert test.before["day"].sort().to_list() == [START + DAY, START + 2 * DAY], "of users of the test only"
    assert test.outside == 7, "impressions of these days without an arm"
    assert ab_test_of(user_days(*ROWS), timedelta(hours=25)).before["day"].to_list() == [START + DAY]


def test_days_by_option():
    rows = user_days(*ROWS, row("b", "joint", 6), row("a", "control", 6))
    test = ab_test_of(rows, DAY, start=START + 5 * DAY, end=START + 6 * DAY)
    assert len(test.during) == 3
    assert test.before["day"].max() == START + 2 * DAY, "days of the test that are not looked at are not before it"
    assert (test.start, test.end) == (START + 5 * DAY, START + 6 * DAY)


def test_users_in_two_arms_are_left_out_and_counted():
    rows = user_days(*ROWS, row("x", "control", 4), row("x", "joint", 5))
    test = ab_test_of(rows, DAY, most_mixed=0.5)
    assert test.mixed_users == 1
    assert sorted(test.during["user_id"]) == ["a", "b"]
    with pytest.raises(ExperimentError, match=r"1 of 3 users were in several arms \(33.33%, e.g. x\)"):
        ab_test_of(rows, DAY)


@pytest.mark.parametrize(
    ("rows", "control", "message"),
    [
        ([row("a", None, 1)], None, "no labelled impression has an arm"),
        ([row("a", "control", 1)], None, "only the arm 'control'"),
        ([row("a", "old", 1), row("b", "new", 1)], None, "no arm is named 'control'; name the control.*: new, old"),
        ([row("a", "old", 1), row("b", "new", 1)], "x", "no arm is named 'x'"),
        ([row("a", "control", 1), row("b", "new", 1)], "", "no arm is named ''"),
    ],
)
def test_errors(rows: list, control: str | None, message: str):
    with pytest.raises(ExperimentError, match=message):
        ab_test_of(user_days(*rows), DAY, control)


@pytest.mark.parametrize(("start", "end"), [(None, 3), (6, None), (5, 4)])
def test_days_without_an_arm(start: int | None, end: int | None):
    days = [None if day is None else START + day * DAY for day in (start, end)]
    with pytest.raises(ExperimentError, match="choose --start and --end from 2026-01-05 to 2026-01-06"):
        ab_test_of(user_days(*ROWS), DAY, start=days[0], end=days[1])


def test_any_arm_can_be_the_control():
    test = ab_test_of(user_days(row("a", "x", 1), row("b", "y", 1), row("c", "z", 1)), DAY, "y")
    assert test.arms == ("y", "x", "z")
