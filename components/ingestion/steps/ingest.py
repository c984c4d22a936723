"""Ingestion from open logs to labelled days: the steps in order, a barrier after each (docs/data.md).

What a step computes is kept under a name made of what it depends on, and found again by a later run
(docs/data.md#one-more-day). Results are the same whether they were found or computed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from components.ingestion.compute.buckets import buckets_for
from components.ingestion.compute.coverage import Coverage
from components.ingestion.config import IngestionConfig
from components.ingestion.outputs.accounting import Accounting
from components.ingestion.steps.beam_map import Steps
from components.ingestion.steps.clean import EVENTS, CleanDay, Reader
from components.ingestion.steps.day_results import DayResults
from components.ingestion.steps.duplicate_days import DuplicateDays, find_all
from components.ingestion.steps.episodes import keep_episodes
from components.ingestion.steps.inputs import LabellingInputs
from components.ingestion.steps.labelling import Labelling
from components.ingestion.steps.results import DayWriter
from components.ingestion.steps.states import TableStates, overlay
from components.ingestion.steps.tally import tally
from files.kept import Kept
from logs.columns import named_columns
from logs.opening import Logs
from logs.times import HISTORY_DAYS, whole_days
from transforms.domain import Domain
from transforms.feature import Feature

SHOW_HISTORY = ("shows.genres", "shows.embedding")
"""Columns of shows that the history of users looks at as of the days of their streams."""


@dataclass(frozen=True)
class IngestionResult:
    """The result of ingestion.

    Attributes:
        accounting: where every row went.
        quarantine: the files of quarantined rows, by table.
        days: the file of labelled rows of each day of impressions that has one.
    """

    accounting: Accounting
    quarantine: dict[str, list[str]]
    days: dict[date, str]


@dataclass(frozen=True)
class IngestionSteps:
    """One ingestion of `logs`; `kept` has the results of earlier ones, and gets those of this one."""

    logs: Logs
    config: IngestionConfig
    domain: Domain
    features: tuple[Feature, ...]
    steps: Steps
    kept: Kept

    def run(self, writer: DayWriter) -> IngestionResult:
        """Runs all steps; `writer` writes each day of impressions that is not kept in its format.

        Raises:
            LogError: a file is unreadable, or a value does not survive its cast; nothing is written then.
        """
        buckets = buckets_for(self.logs.chunks, whole_days(self.domain.longest_window_us))
        reader = Reader(self.logs, self.features, self.domain, buckets, self.steps, self.kept)
        clean = reader.read()
        duplicates = {table: DuplicateDays(table, clean[table], self.kept) for table in EVENTS}
        find_all(list(duplicates.values()), self.steps)
        states = self._states(clean, buckets)
        overlay("snapshots", [(table, table.unknown()) for table in states.values()], reader, self.steps)
        episodes, repeated_episodes = keep_episodes(clean["episodes"], reader, self.steps, self.kept)
        inputs = LabellingInputs(
            impressions=duplicates["impressions"].events(),
            interactions=duplicates["interactions"].events(),
            users=states["users"],
            shows=states["shows"],
            episodes=episodes,
            coverage=Coverage.of(self.logs.days("interactions")),
            buckets=buckets,
            config=self.config,
            features=self.features,
            domain=self.domain,
        )
        results = DayResults(inputs, writer, self.kept)
        self._label(results, inputs, reader, writer)
        results.use_for_next_day(reader)
        repeated = {table: sum(days.rows().values()) for table, days in duplicates.items()}
        repeated |= {table: table_states.duplicate for table, table_states in states.items()}
        repeated["episodes"] = repeated_episodes
        accounting = tally(clean, repeated, duplicates["impressions"].rows(), results, inputs.coverage)
        accounting.check()
        return IngestionResult(accounting, _quarantine(clean), results.files())

    def _states(self, clean: Mapping[str, list[CleanDay]], buckets: int) -> dict[str, TableStates]:
        first = self.logs.days("impressions")[0]
        in_reach = first - timedelta(HISTORY_DAYS) - timedelta(microseconds=self.domain.longest_window_us)
        history = tuple(name for name in named_columns(self.features, "shows") if name in SHOW_HISTORY)
        return {
            "users": TableStates("users", clean["users"], (), buckets, first, self.kept),
            "shows": TableStates("shows", clean["shows"], history, 1, in_reach, self.kept),
        }

    def _label(self, results: DayResults, inputs: LabellingInputs, reader: Reader, writer: DayWriter) -> None:
        """Computes and keeps the results of days that are not kept."""
        labelling = Labelling(inputs, results.unlabelled, results.uncounted, self.steps)
        labelling.provide(reader)
        labelled, outcomes = labelling.label(writer, results.path)
        for day, result in labelled.items():
            results.keep_day(day, result)
        for day, by_outcome in outcomes.items():
            results.keep_outcomes(day, by_outcome)


def _quarantine(clean: Mapping[str, list[CleanDay]]) -> dict[str, list[str]]:
    """The files of bad rows, by table."""
    return {
        table: [chunk.quarantine for day in days for chunk in day.chunks if chunk.quarantine]
        for table, days in clean.items()
    }
