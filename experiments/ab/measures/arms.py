"""The users of each arm, and their days before the test."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from experiments.ab.errors import ExperimentError
from experiments.ab.measures.user_days import ARM, days_of

CONTROL = "control"


@dataclass(frozen=True)
class AbTest:
    """The rows of a test; see `read_user_days` for the columns of both frames.

    Attributes:
        sources: whose impressions count.
        control: the arm that the others are compared with.
        treatments: the other arms.
        start, end: its first and last day with labelled impressions.
        during: rows of the test, without users in several arms.
        before: rows of these users from days whose outcomes were complete before the test began.
        mixed_users: users that were in several arms; their rows are left out.
        outside: impressions of the test's days without an arm; they are left out.
    """

    sources: tuple[str, ...]
    control: str
    treatments: tuple[str, ...]
    start: date
    end: date
    during: pl.DataFrame
    before: pl.DataFrame
    mixed_users: int
    outside: int

    @property
    def arms(self) -> tuple[str, ...]:
        """All arms, the control first."""
        return (self.control, *self.treatments)


def ab_test_of(
    rows: pl.DataFrame,
    window: timedelta,
    control: str | None = None,
    start: date | None = None,
    end: date | None = None,
    most_mixed: float = 0.01,
) -> AbTest:
    """The test in `rows`.

    Args:
        rows: of `read_user_days`.
        window: the longest attribution window. An outcome of an impression before the test may come as late as this,
            so the last days before the test are not used.
        control: the arm to compare with; None for `control`.
        start: first day; None for the first one with an arm.
        end: last day; None for the last one with an arm.
        most_mixed: stop if a larger share of the users was in several arms.

    Raises:
        ExperimentError: no impression has an arm, there are fewer than two arms, no such control, or too many users in
            several arms.
    """
    in_test = pl.col(ARM).is_not_null()
    days = days_of(rows.filter(in_test))
    if not days:
        raise ExperimentError(
            "no labelled impression has an arm; give the raw table impressions a column `arm` (docs/ab.md)"
        )
    first, last = start or days[0], end or days[-1]
    if not any(first <= day <= last for day in days):
        raise ExperimentError(
            f"no impression from {first} to {last} has an arm; choose --start and --end from {days[0]} to {days[-1]}"
        )
    within = rows.filter(pl.col("day").is_between(first, last))
    during, mixed = _unmixed(within.filter(in_test), most_mixed)
    control, treatments = _roles(during[ARM].unique().sort().to_list(), control)
    last_before = min(first, days[0]) - timedelta(days=1) - _whole_days(window)  # `start` may be later than the test's
    users = during.select("user_id").unique()
    before = rows.filter(pl.col("day") <= last_before).join(users, on="user_id", how="semi")
    return AbTest(
        sources=tuple(during["source"].unique().sort()),
        control=control,
        treatments=treatments,
        start=first,
        end=last,
        during=during,
        before=before,
        mixed_users=mixed,
        outside=int(within.filter(~in_test)["impressions"].sum()),
    )


def _whole_days(window: timedelta) -> timedelta:
    return timedelta(days=-(-window // timedelta(days=1)))


def _unmixed(rows: pl.DataFrame, most: float) -> tuple[pl.DataFrame, int]:
    """The rows of users in one arm, and the number of the other users."""
    arms = rows.group_by("user_id").agg(pl.col(ARM).n_unique())
    mixed = arms.filter(pl.col(ARM) > 1)
    if len(mixed) > most * len(arms):
        raise ExperimentError(
            f"{len(mixed):,} of {len(arms):,} users were in several arms ({len(mixed) / len(arms):.2%}, e.g. "
            f"{mixed['user_id'].sort()[0]}), more than ingestion.max_quarantined_fraction = {most:.2%}; repair the "
            "assignment, since such a test says nothing"
        )
    return rows.join(mixed, on="user_id", how="anti"), len(mixed)


def _roles(arms: Sequence[str], control: str | None) -> tuple[str, tuple[str, ...]]:
    named = CONTROL if control is None else control
    if len(arms) < 2:
        raise ExperimentError(f"the test has only the arm {', '.join(arms)!r} in these days; a test needs at least two")
    if named not in arms:
        raise ExperimentError(f"no arm is named {named!r}; name the control with --control: {', '.join(arms)}")
    return named, tuple(arm for arm in arms if arm != named)
