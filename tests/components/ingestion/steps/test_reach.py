"""What a day depends on."""

from datetime import date, timedelta

import pytest

from components.ingestion.compute.coverage import Coverage
from components.ingestion.steps import reach as module
from components.ingestion.steps.clean import CleanChunk, CleanDay
from components.ingestion.steps.reach import EventDays, coverage_in_reach, groups_of, reach_of
from components.ingestion.steps.read import ChunkFiles, CleanRows, ReadChunk
from logs.chunks import Chunk
from logs.times import DAY_US, day_number
from transforms.domain import Domain

FIRST = date(2026, 1, 1)


def day(number: int) -> date:
    return FIRST + timedelta(number)


def events(*numbers: int, known_later: dict[int, int] | None = None) -> EventDays:
    """Days of events; `known_later` is the day on which a stream of a day ended."""
    later = {at: (day_number(day(end)),) for at, end in (known_later or {}).items()}
    return EventDays(
        [CleanDay("t", day(number), (chunk_of(number, CleanRows(1, {}, later.get(number, ()))),)) for number in numbers]
    )


def chunk_of(number: int, facts: CleanRows) -> CleanChunk:
    item = ReadChunk(Chunk("t", day(number), 0, (), 1), (), (), Domain(), 1, ChunkFiles(f"f{number}", f"r{number}"))
    return CleanChunk(item, f"key{number}", facts)


def numbers(days: list[CleanDay]) -> list[int]:
    return [(each.day - FIRST).days for each in days if each.day]


def test_30_days_and_a_window_back_and_a_window_ahead():
    every = events(*range(100))
    reach = reach_of(day(50), day(52), every, every, window_days=2)
    assert numbers(reach.impressions) == numbers(reach.interactions) == list(range(50 - 32, 52 + 3))
    assert reach.streams_on == [day(number) for number in range(18, 53)]


@pytest.mark.parametrize(("ends", "reached"), [(19, False), (20, True), (50, True), (51, False)])
def test_an_earlier_partition_is_in_reach_while_one_of_its_streams_is(ends: int, reached: bool):
    acts = events(*range(100), known_later={5: ends})
    reach = reach_of(day(50), day(50), acts, acts, window_days=1)
    assert numbers(reach.interactions) == [*([5] if reached else []), *range(19, 52)]
    assert numbers(reach.impressions) == list(range(19, 52))
    assert (day(5) in reach.streams_on) == reached


def test_there_is_always_a_file_whose_columns_can_be_read():
    acts = events(1, 2)
    assert acts.between(day(3), day(9)) == []
    (file,) = acts.files([])
    assert file.files == ("r1-by_user.arrow",)


def test_groups_span_so_many_days_at_most(monkeypatch):
    monkeypatch.setattr(module, "DAYS_AT_ONCE", 3)
    groups = groups_of(day(number) for number in (9, 1, 2, 3, 4, 6))
    assert groups == [[day(1), day(2), day(3)], [day(4), day(6)], [day(9)]]
    assert groups_of([]) == []


def test_coverage_matters_as_far_as_it_is_in_reach():
    end = (day_number(day(20)) + 1) * DAY_US
    coverage = Coverage(end, (day(3), day(10), day(11), day(12)))
    assert coverage_in_reach(coverage, day(10), 1) == ((day_number(day(11)) + 1) * DAY_US, [day(10), day(11)])
    assert coverage_in_reach(coverage, day(20), 1) == (end, [])
    later = Coverage(end + DAY_US, (*coverage.missing, day(19)))
    assert coverage_in_reach(later, day(10), 1) == coverage_in_reach(coverage, day(10), 1)
    assert coverage_in_reach(later, day(20), 1) != coverage_in_reach(coverage, day(20), 1)
