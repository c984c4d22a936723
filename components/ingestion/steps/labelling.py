"""Labelled days and outcomes, for the days whose results are not kept, a group of days at a time."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from components.ingestion.steps.beam_map import Steps
from components.ingestion.steps.clean import Reader
from components.ingestion.steps.days import DayRows
from components.ingestion.steps.embeddings import write_embeddings
from components.ingestion.steps.entities import write_counts_by_day
from components.ingestion.steps.group import Group
from components.ingestion.steps.inputs import LabellingInputs
from components.ingestion.steps.outcomes import CountedOutcomes, CountOutcomes, count_outcomes
from components.ingestion.steps.reach import groups_of
from components.ingestion.steps.results import DayResult, DayWriter
from components.ingestion.steps.shows import SharedFile, write_genres, write_shows_by_day
from components.ingestion.steps.states import overlay
from components.ingestion.steps.users import JoinedUsers, join_users

OutcomesByDay = dict[date, dict[str, int]]


class Labelling:
    """Labels days of impressions and counts outcomes of days of interactions.

    Args:
        inputs: of all days.
        days: the days of impressions to label.
        counted: the days of interactions to count outcomes of.
        steps: runs the steps.
    """

    def __init__(self, inputs: LabellingInputs, days: Iterable[date], counted: Iterable[date], steps: Steps) -> None:
        self._inputs, self._steps = inputs, steps
        self._groups = [Group(inputs, group, inputs.reach(group), steps.scratch) for group in groups_of(days)]
        covered = {day for group in self._groups for day in group.counts_on}
        self._others = groups_of(day for day in counted if day not in covered)

    def provide(self, reader: Reader) -> None:
        """Makes sure that the rows and states that the items name exist."""
        inputs = self._inputs
        impressions = [day for group in self._groups for day in group.reach.impressions]
        impressions += [day for group in self._others for day in inputs.claimants(group[0], group[-1])]
        interactions = [day for group in self._groups for day in group.reach.interactions]
        interactions += [day for group in self._others for day in inputs.interactions.between(group[0], group[-1])]
        if self._groups or self._others:
            some = (*inputs.impressions.or_any(impressions), *inputs.interactions.or_any(interactions))
            reader.provide_rows("rows", {day.key: day for day in some}.values())
        users = inputs.users.unwritten({at for group in self._groups for at in group.users})
        shows = inputs.shows.unwritten({at for group in self._groups for at in group.shows})
        overlay("states", [(inputs.users, users), (inputs.shows, shows)], reader, self._steps)

    def label(self, writer: DayWriter, out: Callable[[date], str]) -> tuple[dict[date, DayResult], OutcomesByDay]:
        """The results of the days, written by `writer` where `out` says, and outcomes of days of interactions."""
        groups, steps = self._groups, self._steps
        genres = steps.run("genres", write_genres, SharedFile, [group.genres for group in groups])
        embeddings = steps.run("embeddings", write_embeddings, SharedFile, [group.embeddings for group in groups])
        buckets = range(self._inputs.buckets)
        joins = [
            group.join(bucket, with_genres.path, with_embeddings.path)
            for group, with_genres, with_embeddings in zip(groups, genres, embeddings, strict=True)
            for bucket in buckets
        ]
        joined = _by_group(steps.run("users", join_users, JoinedUsers, joins), len(groups))
        items = [group.shows_by_day(results) for group, results in zip(groups, joined, strict=True)]
        shows = steps.run("shows", write_shows_by_day, SharedFile, items)
        counts = self._count_by_day(joined)
        labels = [
            item
            for group, results, file, files in zip(groups, joined, shows, counts, strict=True)
            for item in group.labels(results, file.path, files, out)
        ]
        rows = steps.run("days", writer.write, DayRows, labels)
        counted = {item.day: result.by_source for item, result in zip(labels, rows, strict=True)}
        results: dict[date, DayResult] = {}
        outcomes: OutcomesByDay = {}
        for group, parts in zip(groups, joined, strict=True):
            immature, unobserved = _sum(part.immature for part in parts), _sum(part.unobserved for part in parts)
            results |= {day: DayResult(counted[day], immature[day], unobserved[day]) for day in group.days}
            outcomes |= _outcomes((part.outcomes for part in parts), group.counts_on)
        return results, outcomes | self._count_others()

    def _count_by_day(self, joined: Sequence[Sequence[JoinedUsers]]) -> list[dict[str, str]]:
        """The counts of entities that are counted by whole days: for each group, the file by entity."""
        items = [group.counts_by_day(results) for group, results in zip(self._groups, joined, strict=True)]
        work = [item for by_entity in items for item in by_entity.values()]
        done = iter(self._steps.run("counts", write_counts_by_day, SharedFile, work))
        return [{entity: next(done).path for entity in by_entity} for by_entity in items]

    def _count_others(self) -> OutcomesByDay:
        inputs, buckets = self._inputs, range(self._inputs.buckets)
        items = [
            CountOutcomes(
                bucket=bucket,
                impressions=inputs.impressions.files(inputs.claimants(group[0], group[-1])),
                interactions=inputs.interactions.files(inputs.interactions.between(group[0], group[-1])),
                domain=inputs.domain,
            )
            for group in self._others
            for bucket in buckets
        ]
        counted = self._steps.run("outcomes", count_outcomes, CountedOutcomes, items)
        outcomes: OutcomesByDay = {}
        for group, results in zip(self._others, _by_group(counted, len(self._others)), strict=True):
            outcomes |= _outcomes((result.by_day for result in results), group)
        return outcomes


def _by_group(results: list, groups: int) -> list[list]:
    """Results of items, as many for each group, by group."""
    each = len(results) // groups if groups else 0
    return [results[number * each : (number + 1) * each] for number in range(groups)]


def _outcomes(buckets: Iterable[OutcomesByDay], days: Iterable[date]) -> OutcomesByDay:
    """The outcomes of `days`, added up over buckets of users."""
    total: dict[date, Counter[str]] = {day: Counter() for day in days}
    for by_day in buckets:
        for day, counts in by_day.items():
            if day in total:
                total[day].update(counts)
    return {day: dict(counts) for day, counts in total.items()}


def _sum(counts: Iterable[Mapping[date, int]]) -> Counter[date]:
    total: Counter[date] = Counter()
    for counter in counts:
        total.update(counter)
    return total
