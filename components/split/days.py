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
    of no split; the rest is train, or its last `train_days` days. Days are calendar days, so a day without impressions
    counts too. Days after `end` are in no split, and M is none of them.

    Args:
        counts: ingestion's counts for every day (ISO) of the impressions.
        config: lengths of the splits.

    Returns:
        The days of each split, ascending, days without labelled impressions left out.

    Raises:
        SplitError: no day is mature, a split is empty, or `end` is before all impressions.
    """
    all_days = {date.fromisoformat(day): count for day, count in counts.items()}
    days = {day: count for day, count in all_days.items() if config.end is None or day <= config.end}
    if all_days and not days:
        raise SplitError(
            f"split.end={config.end} is before the first impressions; choose a day from {min(all_days)} to "
            f"{max(all_days)}."
        )
    last = last_mature_day({day.isoformat(): count for day, count in days.items()})
    if last is None:
        raise SplitError(_nothing_mature(days))
    test_from = last - timedelta(days=config.test_days - 1)
    validation_to = test_from - timedelta(days=config.gap_days + 1)
    validation_from = validation_to - timedelta(days=config.validation_days - 1)
    train_to = validation_from - timedelta(days=config.gap_days + 1)
    bounds = {
        "train": (train_to - timedelta(days=config.train_days - 1) if config.train_days else date.min, train_to),
        "validation": (validation_from, validation_to),
        "test": (test_from, date.max),
    }
    filled = sorted(day for day, count in days.items() if count.labelled_rows)
    splits = {name: tuple(day for day in filled if low <= day <= high) for name, (low, high) in bounds.items()}
    for name, members in splits.items():
        if not members:
            raise SplitError(
                f"Split {name} is empty: the labelled impressions of {min(days)} to {max(days)} do not fill "
                f"{_settings(config)}; change these or add days of logs."
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


def _settings(config: SplitConfig) -> str:
    """The settings that decide the days, as one enumeration."""
    *others, last = [f"split.{key}={value}" for key, value in config.model_dump(exclude_none=True).items()]
    return f"{', '.join(others)} and {last}"


def _nothing_mature(days: Mapping[date, DayCount]) -> str:
    if not any(count.labelled_rows or count.immature for count in days.values()):
        return "There is no labelled impression to split; the accounting shows where they went."
    return (
        f"None of the {len(days)} days up to {max(days)} has only mature impressions, and splits are counted back from "
        "the last such day; add days of interactions, or shorten the window_hours of the labels."
    )
