"""A day of interactions that was not delivered makes no zeros: labels that it hides are left out and counted."""

from collections import Counter

import pytest

from components.ingestion.compute.coverage import Coverage
from components.ingestion.steps.preview import preview
from logs.opening import open_logs
from tests.components.ingestion.in_process import ingest_in_process
from tests.components.ingestion.some_logs import at, impression, interaction, write_some
from transforms.domain import Domain
from transforms.features import FEATURES


@pytest.fixture
def logs(tmp_path):
    """Five days of impressions at midnight and noon; interactions of 2 January are missing, and end with the 4th."""
    shown = [impression(f"{day}-{hour}", at(day, hour)) for day in range(5) for hour in (0, 12)]
    shown += [impression("1-0", at(1, 3)), impression("bad", at(2, 1), source="email")]
    acts = [interaction("x", at(0, 13), "click"), interaction("y", at(2, 12), "click")]
    return write_some(tmp_path / "logs", shown, acts, last_day=3, missing=[1])


def test_impressions_whose_window_meets_the_missing_day_are_left_out_and_counted(logs, tmp_path):
    result = ingest_in_process(logs, tmp_path / "out")
    assert [row["impression_id"] for row in result.rows] == ["0-0", "2-0", "2-12", "3-0"]
    assert result.accounting.missing_days == ("2026-01-02",)
    assert {
        day: (sum(count.labelled.values()), count.unobserved, count.immature)
        for day, count in result.accounting.days.items()
    } == {
        "2026-01-01": (1, 1, 0),
        "2026-01-02": (0, 2, 0),
        "2026-01-03": (2, 0, 0),
        "2026-01-04": (1, 0, 1),
        "2026-01-05": (0, 0, 2),
    }
    assert result.accounting.summary()["impressions"] == {
        "in": 12,
        "labelled": 4,
        "immature": 3,
        "unobserved": 3,
        "quarantined": 1,
        "duplicate": 1,
    }


def test_interactions_belong_to_unobserved_impressions_as_to_others(logs, tmp_path):
    result = ingest_in_process(logs, tmp_path / "out")
    assert [row["click"] for row in result.rows] == [0, 0, 1, 0], "the click of 13:00 belongs to 0-12, not to 0-0"
    assert result.accounting.outcomes == {"direct": 0, "last_touch": 2, "organic": 0, "not_qualifying": 0}


def test_a_preview_counts_days_as_ingestion_does(logs, tmp_path):
    opened = open_logs(logs, FEATURES, Domain())
    coverage = Coverage.of(opened.days("interactions"))
    seen = preview(opened.chunks["impressions"], opened.columns["impressions"], FEATURES, Domain(), coverage)
    days = ingest_in_process(logs, tmp_path / "out").accounting.days
    assert seen.problems == []
    assert seen.quarantined == Counter(unknown_source=1)
    assert seen.sources == {"promotion"}
    assert list(seen.days()) == list(days)
    for day, count in seen.days().items():
        assert (count.labelled, count.immature) == (days[day].labelled, days[day].immature)
        assert count.unobserved == days[day].unobserved + days[day].duplicate, "it counts duplicates too"
