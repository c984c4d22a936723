"""The days and rows of each split, for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from components.ingestion.outputs.accounting import DayCount
from components.split.config import SplitConfig
from components.split.days import assign_days


@dataclass(frozen=True)
class SplitWindow:
    """One split.

    Attributes:
        split: `train`, `validation`, or `test`.
        first_day, last_day: in ISO form.
        rows: labelled impressions by source.
    """

    split: str
    first_day: str
    last_day: str
    rows: dict[str, int]


def windows(days: Mapping[str, DayCount], config: SplitConfig, sources: Sequence[str]) -> tuple[SplitWindow, ...]:
    """The splits of the days of an accounting.

    Raises:
        SplitError: the days do not fill the splits.
    """
    return tuple(
        SplitWindow(
            split,
            str(chosen[0]),
            str(chosen[-1]),
            {source: sum(days[str(day)].labelled.get(source, 0) for day in chosen) for source in sources},
        )
        for split, chosen in assign_days(days, config).items()
    )
