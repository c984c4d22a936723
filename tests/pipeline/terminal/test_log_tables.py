"""Tables about logs: every outcome, reason and day is there, whole."""

import polars as pl
import pytest
import yaml

from logs.config import TiersConfig
from logs.propose_tiers import Proposal
from pipeline.check_logs import LogsReport, TableReport, TierReport
from pipeline.terminal.log_tables import show_accounting, show_log_report
from tests.pipeline.terminal.screens import Screen


def shown(show, *arguments, width: int = 80) -> list[str]:
    screen = Screen(width)
    show(screen, *arguments)
    lines = [line.rstrip() for line in screen.text.splitlines()]
    assert all(len(line) <= width and "…" not in line for line in lines)
    return lines


def test_the_accounting_names_every_outcome():
    outcomes = ("in", "direct", "last_touch", "organic", "not_qualifying", "quarantined", "duplicate")
    title, _, _, *rows = shown(show_accounting, {"interactions": dict.fromkeys(outcomes, 1_234_567_890)})
    assert title == "interactions: where every row went"
    assert [tuple(row.split()) for row in rows] == [(name, "1,234,567,890") for name in outcomes]


FOUND = TableReport("interactions", 31, "2026-01-01", "2026-01-31", 124, 123_456_789)
ABSENT = TableReport("shows", 0, None, None, 4, 1_000)  # as of episodes, which have no days
REASONS = {"unknown_source": 1_893, "missing_listened_ms": 22}


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_check_logs_names_every_reason(width: int):
    lines = shown(
        show_log_report, LogsReport("logs[/x]", [FOUND, ABSENT], quarantined={"interactions": REASONS}), width=width
    )
    assert lines[0] == "logs[/x]"
    words = [line.split() for line in lines]
    first = next(row for row in words if row[0] == "interactions")
    assert first[-2:] == ["1,893", "unknown_source"]
    assert words[words.index(first) + 1][-2:] == ["22", "missing_listened_ms"]
    assert "123,456,789" in first
    (shows,) = [row for row in words if row[0] == "shows"]
    assert shows[-2:] == ["not", "checked"], "no rows of shows were read, so none are reported to be good"
    assert ("2026-01-01" in first) is (width >= 80)
    assert any("2026-01-31" in row for row in words) is (width >= 80)


def test_logs_without_a_problem_can_be_ingested():
    ready = "These logs can be ingested."
    assert shown(show_log_report, LogsReport("logs", [ABSENT], warnings=["[odd]"]))[-2:] == ["warning: [odd]", ready]
    assert shown(show_log_report, LogsReport("logs", [ABSENT], problems=["[bad]"]))[-1] == "problem: [bad]"


def test_the_lines_of_proposed_tiers_are_yaml_of_the_same_settings():
    tiers = TiersConfig(boundaries_hours=(1_200_000, 98_000, 7_600, 650, 54, 4.3, 0.032), less_streamed_below=1_200)
    rows = pl.DataFrame({"stream_tier": range(8), "shows": range(8), "promotion": [1] * 8, "ad": [23_456] * 8})
    report = LogsReport("logs", [ABSENT], tiers=TierReport("2026-01-01", "2026-01-07", 9, Proposal(tiers, rows)))
    lines = shown(show_log_report, report, width=100)
    assert yaml.safe_load("\n".join(lines[lines.index("tiers:") :]))["tiers"] == tiers.model_dump() | {
        "boundaries_hours": list(tiers.boundaries_hours)
    }
    words = [line.split() for line in lines]
    assert ["0", "1,200,000", "0", "1", "23,456"] in words
    assert ["7", "0", "7", "1", "23,456"] in words
    assert any("impressions of 2026-01-01 to 2026-01-07" in line for line in lines)


def test_too_few_shows_for_tiers_are_counted():
    report = LogsReport("logs", [ABSENT], tiers=TierReport("2026-01-01", "2026-01-07", 9, None))
    text = " ".join(shown(show_log_report, report))
    assert "the impressions of 2026-01-01 to 2026-01-07 are of 9 shows, which have too few different amounts" in text
