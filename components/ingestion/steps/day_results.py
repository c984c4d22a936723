"""Keys of the results of days, made of all that a result depends on, and the results that are kept already."""

from datetime import date, timedelta

from components.code_hash import code_hash
from components.ingestion.feature_list import features_to_json
from components.ingestion.steps.clean import Reader
from components.ingestion.steps.episodes import episodes_by_day
from components.ingestion.steps.inputs import LabellingInputs
from components.ingestion.steps.reach import coverage_in_reach
from components.ingestion.steps.results import DayResult, DayWriter, Outcomes
from files.kept import Kept, key_of


class DayResults:
    """The kept results of all days.

    Attributes:
        labelled: results by day of impressions, None where not kept.
        outcomes: results by day of interactions, None where not kept.
    """

    def __init__(self, inputs: LabellingInputs, writer: DayWriter, kept: Kept) -> None:
        self._inputs, self._writer, self._kept = inputs, writer, kept
        self._day_keys = self._keys_of_days()
        self._outcome_keys = self._keys_of_outcomes()
        self.labelled = {day: kept.find("days", key, DayResult) for day, key in self._day_keys.items()}
        self.outcomes = {day: kept.find("outcomes", key, Outcomes) for day, key in self._outcome_keys.items()}

    @property
    def unlabelled(self) -> list[date]:
        """Days of impressions whose results are not kept."""
        return [day for day, result in self.labelled.items() if result is None]

    @property
    def uncounted(self) -> list[date]:
        """Days of interactions whose outcomes are not kept."""
        return [day for day, result in self.outcomes.items() if result is None]

    def path(self, day: date) -> str:
        """The file of a day's labelled rows, which exists only if the day has some or the writer writes empty files."""
        return f"{self._kept.base('days', self._day_keys[day])}{self._writer.suffix}"

    def files(self) -> dict[date, str]:
        """The files that exist, by day."""
        return {
            day: self.path(day)
            for day, result in self.labelled.items()
            if self._writer.empty or (result and sum(result.labelled.values()))
        }

    def keep_day(self, day: date, result: DayResult) -> None:
        """Keeps the result of a day whose file is written."""
        self._kept.keep("days", self._day_keys[day], result)
        self.labelled[day] = result

    def keep_outcomes(self, day: date, by_outcome: dict[str, int]) -> None:
        """Keeps the outcomes of a day, unless they are kept already; then they are the same."""
        if self.outcomes.get(day, self) is None:
            self.outcomes[day] = Outcomes(by_outcome)
            self._kept.keep("outcomes", self._outcome_keys[day], self.outcomes[day])

    def use_for_next_day(self, reader: Reader) -> None:
        """Notes the rows and states that the next day of logs will need."""
        inputs = self._inputs
        last = inputs.impressions.dates[-1]
        reach = inputs.reach([last - timedelta(inputs.window_days), last])
        reader.use_rows([*reach.impressions, *reach.interactions])
        inputs.users.use(inputs.users.within([last - timedelta(inputs.window_days), last]))
        inputs.shows.use(inputs.shows.within([*reach.streams_on, last]))
        for states in (inputs.users, inputs.shows):
            states.use(states.checkpoints)

    def _keys_of_days(self) -> dict[date, str]:
        inputs = self._inputs
        shared = key_of(
            code_hash("components.ingestion.steps.labelling", self._writer.module),
            self._writer.name,
            inputs.config.for_days(inputs.features, inputs.domain),
            inputs.domain.model_dump_json(),
            features_to_json(inputs.features),
        )
        episodes = episodes_by_day(inputs.episodes, inputs.impressions.days)
        keys = {}
        for day in inputs.impressions.dates:
            reach = inputs.reach([day])
            keys[day] = key_of(
                shared,
                day,
                [inputs.impressions.key(other) for other in reach.impressions],
                [inputs.interactions.key(other) for other in reach.interactions],
                coverage_in_reach(inputs.coverage, day, inputs.window_days),
                inputs.users.content(day),
                inputs.shows.content(day),
                [inputs.shows.history(other) for other in reach.streams_on],
                episodes.get(day, ""),
            )
        return keys

    def _keys_of_outcomes(self) -> dict[date, str]:
        inputs = self._inputs
        shared = key_of(code_hash("components.ingestion.steps.outcomes"), inputs.domain.model_dump_json())
        return {
            day.day: key_of(
                shared,
                [inputs.impressions.key(other) for other in inputs.claimants(day.day, day.day)],
                inputs.interactions.key(day),
            )
            for day in inputs.interactions.days
            if day.day
        }
