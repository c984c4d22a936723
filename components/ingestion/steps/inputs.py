"""The events, states, and settings that days are labelled from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from components.ingestion.compute.coverage import Coverage
from components.ingestion.config import IngestionConfig
from components.ingestion.steps.clean import CleanDay
from components.ingestion.steps.reach import EventDays, Reach, reach_of
from components.ingestion.steps.states import TableStates
from logs.times import whole_days
from transforms.domain import Domain
from transforms.feature import Feature


@dataclass(frozen=True)
class LabellingInputs:
    """Everything that days are labelled from.

    Attributes:
        impressions, interactions: all days.
        users, shows: all states.
        episodes: the kept file of `components.ingestion.steps.episodes.keep_episodes`.
        coverage: the days of interactions.
        buckets: number of buckets of users.
        config, features, domain: the settings.
    """

    impressions: EventDays
    interactions: EventDays
    users: TableStates
    shows: TableStates
    episodes: str
    coverage: Coverage
    buckets: int
    config: IngestionConfig
    features: tuple[Feature, ...]
    domain: Domain

    @cached_property
    def window_days(self) -> int:
        """The longest window in whole days, rounded up."""
        return whole_days(self.domain.longest_window_us)

    def reach(self, days: Sequence[date]) -> Reach:
        """The partitions that the consecutive `days` of impressions depend on."""
        return reach_of(days[0], days[-1], self.impressions, self.interactions, self.window_days)

    def claimants(self, first: date, last: date) -> list[CleanDay]:
        """The days of impressions that interactions from `first` to `last` may belong to."""
        return self.impressions.between(first - timedelta(self.window_days), last)
