"""The check of logs before a run."""

import pytest

from components.ingestion.config import IngestionConfig
from components.split.config import SplitConfig
from pipeline.check_logs import check_logs
from tests.components.ingestion.some_logs import at, impression, interaction, write_some
from transforms.domain import Domain


@pytest.fixture
def logs(tmp_path):
    shown = [impression("i", at(2, 1)), impression("j", at(2, 1), source="email")]
    acts = [interaction("x", at(2, 2), "click"), interaction("y", at(0), "click")]
    return write_some(tmp_path / "logs", shown, acts, last_day=4, missing=(1, 3))


def test_the_report_has_sizes_spans_gaps_and_quarantine(logs):
    report = check_logs(logs)
    assert report.problems == []
    tables = {table.name: table for table in report.tables}
    assert (tables["interactions"].days, tables["interactions"].rows, tables["interactions"].files) == (3, 2, 3)
    assert (tables["interactions"].first, tables["interactions"].last) == ("2026-01-01", "2026-01-05")
    assert (tables["episodes"].days, tables["episodes"].first) == (0, None)
    assert report.quarantined["impressions"] == {"unknown_source": 1}
    warnings = "\n".join(report.warnings)
    assert "interactions: 2 days between the first and the last have no partition: 2026-01-02, 2026-01-04;" in warnings
    assert "less than 30 days before the first impressions of 2026-01-03" in warnings
    assert "impressions: 1 of 2 rows would be quarantined (1 unknown_source)" in warnings
    assert "impressions: no usable row has source 'ad'; a run needs this source" in warnings
    assert "source 'promotion'" not in warnings


def test_one_missing_day_is_named_in_the_singular(tmp_path):
    logs = write_some(tmp_path / "logs", [impression("i", at(0, 1)), impression("j", at(2, 1))], [], last_day=4)
    days = "impressions: 1 day between the first and the last has no partition: 2026-01-02"
    assert days in check_logs(logs).warnings


def test_more_quarantine_than_the_config_allows_is_a_problem_as_for_the_gate(logs):
    (problem,) = check_logs(logs, ingestion=IngestionConfig(max_quarantined_fraction=0.49)).problems
    assert problem == (
        "1 of 2 impressions (50 %) are quarantined (1 unknown_source): more than ingestion.max_quarantined_fraction "
        "= 49 % of a table; correct the logs or raise the fraction"
    )
    report = check_logs(logs, ingestion=IngestionConfig(max_quarantined_fraction=0.5))
    assert report.problems == []
    assert "1 of 2 rows would be quarantined" in "\n".join(report.warnings)


@pytest.mark.parametrize(
    ("ads_on", "hours", "message"),
    [
        (range(4), 24, None),
        ((0, 1, 2), 24, "Split test (2026-01-04 to 2026-01-04, 1 labelled impressions) has none of source 'ad'"),
        (range(4), 48, "Split train is empty"),  # the last day is not mature: one day less
    ],
)
def test_days_that_a_run_cannot_split_are_a_warning(tmp_path, ads_on, hours, message):
    shown = [impression(f"p{day}", at(day, 1)) for day in range(4)]
    shown += [impression(f"a{day}", at(day, 1), source="ad") for day in ads_on]
    acts = [interaction(f"x{day}", at(day, 2), "click") for day in range(5)]
    logs = write_some(tmp_path / "logs", shown, acts, last_day=4)
    labels = {"stream": {"kind": "stream", "window_hours": hours}, "click": {"kind": "click"}}
    domain = Domain.model_validate({"labels": labels})
    split = SplitConfig(validation_days=2, test_days=1)
    warnings = [text for text in check_logs(logs, domain=domain, split=split).warnings if "run would stop" in text]
    assert len(warnings) == (message is not None)
    assert message is None or message in warnings[0]


def test_impressions_near_a_missing_day_are_counted_as_unobserved(tmp_path):
    """Windows of 24 hours: those of 1 January after noon, and of the missing 2 January itself, meet the missing day."""
    shown = [impression(f"i{hours}", at(0, hours)) for hours in (0, 12)] + [impression("j", at(1, 5))]
    shown += [impression("k", at(2, 5))]
    logs = write_some(tmp_path / "logs", shown, [], last_day=4, missing=[1])
    warnings = check_logs(logs).warnings
    assert "impressions: 2 rows would be left out as unobserved" in warnings
    (days,) = [text for text in warnings if text.startswith("interactions: 1 day")]
    assert days.startswith("interactions: 1 day between the first and the last has no partition: 2026-01-02; runs")


def test_sources_and_kinds_of_the_config_are_known(tmp_path):
    shown = [impression("i", at(2, 1)), impression("j", at(2, 1), source="email")]
    logs = write_some(tmp_path / "logs", shown, [interaction("x", at(2, 2), "save")], last_day=4)
    assert check_logs(logs).quarantined["interactions"] == {"unknown_kind": 1}
    labels = {"stream": {"kind": "stream"}, "save": {"kind": "save"}}
    domain = Domain.model_validate({"sources": ["promotion", "email"], "labels": labels})
    report = check_logs(logs, domain=domain)
    assert report.quarantined["impressions"] == report.quarantined["interactions"] == {}
    assert not any("no usable row" in text for text in report.warnings)


def test_tiers_are_proposed_by_the_exact_hours_of_each_show_on_the_last_day(tmp_path):
    """Shows s1 to s8 have 1 to 8 hours in the 30 days that end the day before the last impressions, of 10 February."""
    last = 40
    shown = [impression(f"i{number}", at(last, 1), show=f"s{number}") for number in range(1, 9)]
    shown += [impression("ad", at(last - 6, 1), show="s8", source="ad")]
    shown += [impression("old", at(last - 7, 1), show="unseen since")]
    acts = [
        interaction(f"x{number}", at(last - 30), "stream", show=f"s{number}", listened_ms=(number - 1) * 3_600_000)
        for number in range(1, 9)
    ]
    acts += [
        interaction(f"y{number}", at(last - 1, 23.9), "stream", show=f"s{number}", listened_ms=3_600_000)
        for number in range(1, 9)
    ]
    outside = {"before": (last - 31, 10**9), "on the day": (last, 10**9), "short": (last - 1, 60_000)}
    acts += [
        interaction(name, at(day), "stream", show="s1", listened_ms=listened)
        for name, (day, listened) in outside.items()
    ]
    logs = write_some(tmp_path / "logs", shown, acts, last_day=last)
    tiers = check_logs(logs).tiers
    assert (tiers.first, tiers.last, tiers.shows) == ("2026-02-04", "2026-02-10", 8)
    assert tiers.proposal.tiers.boundaries_hours == (8, 7, 6, 5, 4, 3, 2)
    assert tiers.proposal.tiers.less_streamed_below == 2  # s1 has one stream, since one of 0 ms is none
    assert tiers.proposal.rows["promotion"].to_list() == [1] * 8
    assert tiers.proposal.rows["ad"].to_list() == [1] + [0] * 7


def test_absurd_listening_counts_as_in_ingestion_and_does_not_overflow(tmp_path):
    """For 2^62 ms, ingestion takes 10^12 ms, which are 277,777.8 hours; the sum of two streams would be negative."""
    shown = [impression(f"i{number}", at(3, 1), show=f"s{number}") for number in range(8)]
    acts = [
        interaction(f"x{number} {copy}", at(2), "stream", show=f"s{number}", listened_ms=2**62)
        for number in range(8)
        for copy in range(number + 1)
    ]
    logs = write_some(tmp_path / "logs", shown, acts, last_day=5)
    hours = (2_200_000, 1_900_000, 1_600_000, 1_300_000, 1_100_000, 830_000, 550_000)
    assert check_logs(logs).tiers.proposal.tiers.boundaries_hours == hours


def test_logs_with_too_few_shows_have_no_tiers_to_propose(logs):
    tiers = check_logs(logs).tiers
    assert (tiers.shows, tiers.proposal) == (1, None)
