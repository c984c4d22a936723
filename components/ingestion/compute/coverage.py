"""Which impressions have a trustworthy label, given the days of interactions in the logs (docs/data.md#maturity)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from logs.listing import Listing
from logs.times import DAY_US, day_number

FATES = ("labelled", "immature", "unobserved")
_NAMED_DAYS = 5


@dataclass(frozen=True)
class Coverage:
    """The days of interactions that the logs hold.

    Attributes:
        end: where the logs end, in microseconds: the first one after the last day.
        missing: days between the first and the last that have no partition, in order.
    """

    end: int
    missing: tuple[date, ...]

    @classmethod
    def of(cls, days: Iterable[date | None]) -> "Coverage":
        """The coverage of interactions with partitions of these days, in any order."""
        present = {day for day in days if day}
        if not present:
            return cls(0, ())
        first, last = min(present), max(present)
        span = (first + timedelta(number) for number in range((last - first).days))
        return cls((day_number(last) + 1) * DAY_US, tuple(day for day in span if day not in present))

    @classmethod
    def listed(cls, listing: Listing) -> "Coverage":
        """The coverage of the interactions of listed logs."""
        return cls.of(partition.day for partition in listing.partitions["interactions"])

    def fates(self, timestamps: np.ndarray, window_us: int) -> np.ndarray:
        """The fate of each impression, uint8 indices of `FATES`.

        An impression at t is immature if t + window is after the end of the logs. A mature one is unobserved if its
        window [t, t + window) touches a missing day.

        Args:
            timestamps: int64 microseconds.
            window_us: the longest attribution window in microseconds.
        """
        fates = np.zeros(len(timestamps), np.uint8)
        if self.missing:
            missing = np.array([day_number(day) for day in self.missing])
            first, last = timestamps // DAY_US, (timestamps + window_us - 1) // DAY_US
            met = np.searchsorted(missing, last, "right") > np.searchsorted(missing, first, "left")
            fates[met] = FATES.index("unobserved")
        fates[timestamps + window_us > self.end] = FATES.index("immature")
        return fates

    def warning(self) -> str | None:
        """The warning about missing days, the same for every command; None if no day is missing."""
        if not self.missing:
            return None
        more = len(self.missing) - _NAMED_DAYS
        listed = ", ".join(map(str, self.missing[:_NAMED_DAYS])) + (f" and {more} more" if more > 0 else "")
        days, have = ("1 day", "has") if len(self.missing) == 1 else (f"{len(self.missing)} days", "have")
        return (
            f"interactions: {days} between the first and the last {have} no partition: {listed}; runs leave out "
            "impressions whose attribution window touches a missing day (unobserved), so add these days, with an empty "
            "Parquet file if nothing happened"
        )


def listing_warnings(listing: Listing) -> list[str]:
    """The warnings about files and missing days of listed logs, before any file is read."""
    missing = Coverage.listed(listing).warning()
    return [*listing.warnings, *([missing] if missing else [])]
