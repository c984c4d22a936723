"""The records of ingestion that are kept beside their files: duplicates, days, outcomes; and how days are written."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

from components.ingestion.steps.days import DayRows, LabelDay, write_parquet
from logs.config import TiersConfig


@dataclass(frozen=True)
class Duplicates:
    """Later duplicates of a day.

    Attributes:
        rows: how many there are; their places are in a file.
        content: the content of that file.
    """

    rows: int
    content: str


@dataclass(frozen=True)
class DayResult:
    """A day of impressions: those with a trustworthy label, by source, and the others that are good."""

    labelled: dict[str, int]
    immature: int
    unobserved: int


@dataclass(frozen=True)
class Outcomes:
    """Interactions of a day, counted by outcome of attribution."""

    by_outcome: dict[str, int]


@dataclass(frozen=True)
class DayWriter:
    """How the labelled impressions of a day are written.

    Attributes:
        name: names the format, with its settings.
        suffix: end of the files' names.
        write: writes a day to the path `out` of its item; importable by name.
        empty: whether a day without labelled impressions has a file.
    """

    name: str
    suffix: str
    write: Callable[[LabelDay], DayRows]
    empty: bool

    @property
    def module(self) -> str:
        """The module of `write`, also if some of its arguments are bound."""
        return getattr(self.write, "func", self.write).__module__


def parquet_writer(tiers: TiersConfig) -> DayWriter:
    """Writes days as Parquet, with the columns of `tiers` for people."""
    write = functools.partial(write_parquet, tiers=tiers)
    return DayWriter(f"parquet {tiers.model_dump_json()}", ".parquet", write, empty=True)
