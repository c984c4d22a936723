"""The days that train, validate and test: a pure function of the rows a day (docs/data.md#train-validation-test)."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from components.ingestion.outputs.accounting import DayCount, last_mature_day
from components.split.config import SplitConfig
from transforms.errors import UserError

SPLITS: Final = ("train", "validation", "test")


class SplitError(UserError):
    """The days of the logs cannot be split as configured."""


def assign_days(counts: Mapping[str, DayCount], config: SplitConfig) -> dict[str, tuple[date, ...]]:
    """Gives each day with labelled impressions to `train`, `validation`, `test`, or (gaps) to no split.

    M is the last day whose impressions are all mature. Test is every day from `M - test_days + 1` on, also the days
    after M. Going back from there: `gap_days` days of no split, `validation_days` days of validation, `gap_days` days
    of no split; the rest is train. Days are calendar days, so a day without impressions counts too.

    Args:
        counts: ingestion's counts for every day (ISO) of the impressions.
        config: lengths of the splits.

    Returns:
        The days of each split, ascending, days without labelled impressions left out.

    Raises:
        SplitError: no day is mature, or a split is empty.
    """
    days = {date.fromisoformat(day): count for day, count in counts.items()}
    last = last_mature_day(counts)
    if last is None:
        raise SplitError(_nothing_mature(days))
    test_from = last - timedelta(days=config.test_days - 1)
    validation_to = test_from - timedelta(days=config.gap_days + 1)
    validation_from = validation_to - timedelta(days=config.validation_days - 1)
    train_to = validation_from - timedelta(days=config.gap_days + 1)
    bounds = {
        "train": (date.min, train_to),
        "validation": (validation_from, validation_to),
        "test": (test_from, date.max),
    }
    filled = sorted(day for day, count in days.items() if count.labelled_rows)
    splits = {name: tuple(day for day in filled if low <= day <= high) for name, (low, high) in bounds.items()}
    for name, members in splits.items():
        if not members:
            raise SplitError(
                f"Split {name} is empty: the labelled impressions of {min(days)} to {max(days)} do not fill "
                f"split.validation_days={config.validation_days}, split.test_days={config.test_days} and "
                f"split.gap_days={config.gap_days}; lower these or add days of logs."
            )
    return splits


def check_sources(splits: Mapping[str, Sequence[date]], counts: Mapping[str, DayCount], sources: Sequence[str]) -> None:
    """Checks that each split contains every one of `sources`.

    Args:
        splits: the days of each split (`assign_days`).
        counts: ingestion's counts for every day (ISO) of the impressions.
        sources: the sources that a branch is trained on or measured on.

    Raises:
        SplitError: a split lacks a source.
    """
    for name, members in splits.items():
        of_split = [counts[day.isoformat()] for day in members]
        for source in sources:
            if not any(count.labelled.get(source, 0) for count in of_split):
                rows = sum(count.labelled_rows for count in of_split)
                raise SplitError(
                    f"Split {name} ({members[0]} to {members[-1]}, {rows} labelled impressions) has none of source "
                    f"{source!r}; give it more days (split.*_days) or add logs of that source."
                )


def _nothing_mature(days: Mapping[date, DayCount]) -> str:
    if not any(count.labelled_rows or count.immature for count in days.values()):
        return "There is no labelled impression to split; the accounting shows where they went."
    return (
        f"None of the {len(days)} days up to {max(days)} has only mature impressions, and splits are counted back from "
        "the last such day; add days of interactions, or shorten the window_hours of the labels."
    )
