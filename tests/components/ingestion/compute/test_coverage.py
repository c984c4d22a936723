"""Which impressions have a trustworthy label when days of interactions are missing (docs/data.md#missing-days)."""

from datetime import date

import numpy as np
import pytest

from components.ingestion.compute.coverage import FATES, Coverage, listing_warnings
from logs.listing import Listing, Partition
from tests.components.ingestion.some_logs import at

DAY_US = 86_400_000_000
# 1 and 2 January, 4 January, 7 January were delivered.
GAPS = Coverage.of([date(2026, 1, 7), date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 4)])


def fate(timestamp: int, hours: float = 24, coverage: Coverage = GAPS) -> str:
    (index,) = coverage.fates(np.array([timestamp]), round(hours * 3_600_000_000))
    return FATES[index]


def test_days_between_the_first_and_the_last_without_a_partition_are_missing():
    assert GAPS.missing == (date(2026, 1, 3), date(2026, 1, 5), date(2026, 1, 6))
    assert GAPS.end == at(7)
    assert Coverage.of([date(2026, 1, 1), None]).missing == ()
    assert Coverage.of([]) == Coverage(0, ())


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        (at(0, 23, 3_599_999_999), "labelled"),
        (at(1), "labelled"),  # its window ends as the missing day begins
        (at(1, 0, 1), "unobserved"),  # its window holds the first microsecond of the missing day
        (at(2, 0), "unobserved"),
        (at(3, 0, -1), "unobserved"),  # the last microsecond of the missing day
        (at(3), "labelled"),
        (at(3, 0, 1), "unobserved"),
        (at(5, 23), "unobserved"),
        (at(6), "labelled"),  # its window ends with the logs
        (at(6, 0, 1), "immature"),
        (at(-3), "labelled"),  # before the logs begin no day is missing
    ],
)
def test_an_impression_is_unobserved_if_its_window_meets_a_missing_day(timestamp, expected):
    assert fate(timestamp) == expected


@pytest.mark.parametrize(("hours", "expected"), [(24, "labelled"), (48, "labelled"), (48.001, "unobserved")])
def test_the_window_is_the_longest_one(hours, expected):
    assert fate(at(0), hours) == expected


def test_an_impression_that_is_immature_and_meets_a_missing_day_is_immature():
    assert fate(at(5, 12), hours=48) == "immature"


def test_without_missing_days_an_impression_is_labelled_or_immature():
    whole = Coverage.of([date(2026, 1, 1), date(2026, 1, 2)])
    assert [fate(time, 24, whole) for time in (at(0), at(1), at(1, 0, 1))] == ["labelled", "labelled", "immature"]
    assert whole.warning() is None


def test_the_warning_names_the_days():
    assert GAPS.warning() == (
        "interactions: 3 days between the first and the last have no partition: 2026-01-03, 2026-01-05, 2026-01-06; "
        "runs leave out impressions whose attribution window touches a missing day (unobserved), so add these days, "
        "with an empty Parquet file if nothing happened"
    )
    one = Coverage.of([date(2026, 1, 1), date(2026, 1, 3)]).warning()
    assert one is not None
    assert one.startswith("interactions: 1 day between the first and the last has no partition: 2026-01-02; ")
    many = Coverage.of([date(2026, 1, 1), date(2026, 1, 31)]).warning()
    assert many is not None
    assert "29 days between the first and the last have no partition: 2026-01-02, " in many
    assert "2026-01-06 and 24 more; " in many


def test_listed_logs_have_the_warnings_of_their_files_and_of_missing_days_in_this_order():
    def listed(*days: int) -> Listing:
        partitions = [Partition("interactions", date(2026, 1, day), ("file",)) for day in days]
        return Listing(partitions={"interactions": partitions}, warnings=["a file"])

    assert listing_warnings(listed(1, 2)) == ["a file"]
    first, missing = listing_warnings(listed(1, 3))
    assert (first, missing) == ("a file", Coverage.of([date(2026, 1, 1), date(2026, 1, 3)]).warning())
