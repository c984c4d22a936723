"""A group of days of impressions that are labelled together: the partitions in their reach, and their work items."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from components.ingestion.steps.days import LabelDay
from components.ingestion.steps.embeddings import WriteEmbeddings
from components.ingestion.steps.entities import WriteCountsByDay
from components.ingestion.steps.inputs import LabellingInputs
from components.ingestion.steps.reach import Reach
from components.ingestion.steps.shows import WriteGenres, WriteShowsByDay
from components.ingestion.steps.user_columns import UserNeeds
from components.ingestion.steps.users import JoinedUsers, JoinUsers
from logs.columns import embedding_length, named_columns, needs_embeddings
from logs.times import HISTORY_DAYS


@dataclass(frozen=True)
class Group:
    """Days of impressions that are labelled together.

    Attributes:
        inputs: of all days.
        days: the days, in order.
        reach: the partitions that they depend on.
        scratch: folder for the files of the items.
    """

    inputs: LabellingInputs
    days: list[date]
    reach: Reach
    scratch: str

    @property
    def users(self) -> list[int]:
        """Positions of the states of users that the days need."""
        return self.inputs.users.within(self.days)

    @property
    def shows(self) -> list[int]:
        """Positions of the states of shows that the days and their streams need."""
        return self.inputs.shows.within([*self.reach.streams_on, *self.days])

    @property
    def genres(self) -> WriteGenres:
        """The item for the genres that shows had in reach."""
        return WriteGenres(self.inputs.shows.files(self.shows), self._path("genres"))

    @property
    def embeddings(self) -> WriteEmbeddings:
        """The item for the embeddings that shows had in reach."""
        features = self.inputs.features
        files = self.inputs.shows.files(self.shows) if needs_embeddings(features) else ()
        return WriteEmbeddings(files, embedding_length(features), self._path("embeddings"))

    @property
    def counts_on(self) -> list[date]:
        """Days of interactions that can only belong to impressions in reach, so their outcomes are complete here."""
        first = self.days[0] - timedelta(HISTORY_DAYS)
        return [day.day for day in self.reach.interactions if day.day and day.day >= first]

    def join(self, bucket: int, genres: str, embeddings: str) -> JoinUsers:
        """The item for a bucket of users."""
        inputs = self.inputs
        return JoinUsers(
            bucket=bucket,
            impressions=inputs.impressions.files(self.reach.impressions),
            interactions=inputs.interactions.files(self.reach.interactions),
            users=inputs.users.files(self.users, bucket),
            genres=genres,
            embeddings=embeddings,
            user_columns=named_columns(inputs.features, "users"),
            needs=UserNeeds.of(inputs.features, inputs.domain),
            impression_days=tuple(self.days),
            coverage=inputs.coverage,
            domain=inputs.domain,
            scratch=self.scratch,
        )

    def shows_by_day(self, joined: Sequence[JoinedUsers]) -> WriteShowsByDay:
        """The item for the shows by day."""
        changes = tuple(result.changes for result in joined)
        positions = self.inputs.shows.within(self.days)
        return WriteShowsByDay(self.inputs.shows.files(positions), changes, tuple(self.days), self._path("shows"))

    def counts_by_day(self, joined: Sequence[JoinedUsers]) -> dict[str, WriteCountsByDay]:
        """The items for the entities that are counted by whole days."""
        return {
            entity: WriteCountsByDay(
                tuple(result.count_changes[entity] for result in joined),
                len(self.days),
                self.inputs.domain,
                self._path(f"counts-{entity}"),
            )
            for entity in joined[0].count_changes
        }

    def labels(
        self, joined: Sequence[JoinedUsers], shows: str, counts: Mapping[str, str], out: Callable[[date], str]
    ) -> list[LabelDay]:
        """The items for the days."""
        inputs = self.inputs
        whole = {day.day: day.paths("whole") for day in self.reach.impressions}
        return [
            LabelDay(
                day=day,
                number=number,
                impressions=dict(enumerate(whole[day])),
                labelled=tuple(result.labelled for result in joined),
                shows=shows,
                counts=dict(counts),
                episodes=inputs.episodes,
                features=inputs.features,
                config=inputs.config,
                domain=inputs.domain,
                out=out(day),
            )
            for number, day in enumerate(self.days)
        ]

    def _path(self, name: str) -> str:
        return f"{self.scratch}/{name}/{self.days[0]}.arrow"
