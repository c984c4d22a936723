"""Bad rows go to quarantine with one reason, duplicates are counted, and no row is lost (docs/data.md)."""

import pytest

from components.ingestion.outputs.accounting import (
    Accounting,
    DayCount,
    TableCount,
    last_mature_day,
    quarantine_problem,
    read_accounting,
    write_accounting,
)
from logs.errors import LogError
from tests.components.ingestion.in_process import ingest_in_process
from tests.components.ingestion.random_logs import write_logs
from tests.components.ingestion.some_logs import at, episode, impression, interaction, logs_of, show, user, write_some

GOOD = impression("good", at(0, 2))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (impression(None, at(0, 1)), "null_key"),
        (impression("i", None), "null_key"),
        (impression("i", at(0, 1), user=None), "null_key"),
        (impression("i", at(0, 1), show=None, source="email"), "null_key"),
        (impression("i", at(0, 1), source="email", spend_micros=-1), "unknown_source"),
        (impression("i", at(0, 1), source=None), "unknown_source"),
        (impression("i", at(0, 1), spend_micros=-1), "negative_value"),
        (impression("", at(0, 1)), "null_key"),
        (impression("i", at(0, 1), user=""), "null_key"),
        (impression("i", at(0, 1), show=""), "null_key"),
        (interaction("", at(0, 1), "click"), "null_key"),
        (interaction("x", at(0, 1), "click", user=""), "null_key"),
        (interaction("x", at(0, 1), "click", show=""), "null_key"),
        (interaction("x", at(0, 1), "search", user="", show=""), "null_key"),
        (interaction("x", at(0, 1), "search", show=""), None),
        (interaction("x", at(0, 1), "click", impression_id="", episode_id=""), None),
        (interaction(None, at(0, 1), "click"), "null_key"),
        (interaction("x", at(0, 1), "click", show=None), "null_key"),
        (interaction("x", at(0, 1), None, show=None), "null_key"),
        (interaction("x", at(0, 1), "search", user=None, show=None), "null_key"),
        (interaction("x", at(0, 1), "share", listened_ms=-1), "unknown_kind"),
        (interaction("x", at(0, 1), None), "unknown_kind"),
        (interaction("x", at(0, 1), "stream", listened_ms=-1), "negative_value"),
        (interaction("x", at(0, 1), "click", listened_ms=-1), "negative_value"),
        (interaction("x", at(0, 1), "stream", listened_ms=None), "missing_listened_ms"),
        (interaction("x", at(0, 1), "search", show=None), None),
        (interaction("x", at(0, 1), "click", listened_ms=None), None),
        (impression("i", at(0, 1), spend_micros=0), None),
    ],
)
def test_a_bad_row_has_one_reason_the_first(tmp_path, row, reason):
    is_shown = "impression_id" in row and "kind" not in row
    shown, acts = ([GOOD, row], []) if is_shown else ([GOOD], [row])
    result = ingest_in_process(write_some(tmp_path / "logs", shown, acts, last_day=2), tmp_path / "out")
    table, name = ("impressions", "impression_id") if is_shown else ("interactions", "interaction_id")
    assert result.quarantine == ([(table, row[name] or None, reason)] if reason else [])
    assert result.accounting.summary()[table]["quarantined"] == bool(reason)


@pytest.mark.parametrize(
    ("time", "wrong"), [(at(1, 0, -1), True), (at(1), False), (at(2, 0, -1), False), (at(2), True)]
)
def test_a_timestamp_outside_its_partitions_day_is_the_wrong_day(tmp_path, time, wrong):
    logs = logs_of([impression("good", at(1))], [], last_day=3)
    logs["impressions"][20_455]["a.parquet"].append(impression("i", time))
    result = ingest_in_process(write_logs(logs, tmp_path / "logs", plain=True), tmp_path / "out")
    assert result.quarantine == ([("impressions", "i", "wrong_day")] if wrong else [])
    assert result.accounting.tables["impressions"].days == ({"2026-01-02": {"wrong_day": 1}} if wrong else {})


@pytest.mark.parametrize("null", [None, ""])
def test_snapshots_with_null_keys_are_quarantined(tmp_path, null):
    options = {
        "users": [user(), user(null)],
        "shows": [show(), show(null)],
        "episodes": [episode(), episode(null), episode("f", null)],
    }
    result = ingest_in_process(write_some(tmp_path / "logs", [GOOD], [], last_day=2, **options), tmp_path / "out")
    names = [("episodes", "f"), ("episodes", None), ("shows", None), ("users", None)]
    assert [entry[:2] for entry in result.quarantine] == names
    assert {entry[2] for entry in result.quarantine} == {"null_key"}


def test_empty_ids_join_no_strangers_and_are_no_duplicates_of_each_other(tmp_path):
    shown = [impression("a", at(0, 2), user=""), impression("b", at(0, 1), user="v", episode_id="")]
    acts = [
        interaction("x", at(0, 3), "click", user=""),
        interaction("", at(0, 3), "like", user="v"),
        interaction("", at(0, 3), "like", user="v"),
        interaction("y", at(0, 3), "follow", user="v", impression_id=""),
    ]
    logs = write_some(tmp_path / "logs", shown, acts, last_day=2, episodes=[episode(""), episode("e")])
    result = ingest_in_process(logs, tmp_path / "out")
    (row,) = result.rows
    assert (row["impression_id"], row["click"], row["like"], row["follow"]) == ("b", 0, 0, 1)
    assert (row["episode_id"], row["episode_minutes"]) == (None, None)
    summary = result.accounting.summary()
    assert summary["impressions"]["quarantined"] == 1
    assert (summary["interactions"]["quarantined"], summary["interactions"]["duplicate"]) == (3, 0)
    assert summary["interactions"]["last_touch"] == 1


def test_of_rows_with_one_id_the_earliest_is_kept_over_days_users_and_files(tmp_path, monkeypatch):
    monkeypatch.setattr("components.ingestion.compute.buckets.BUCKET_ROWS", 3)
    shown = [impression("i", at(1), "v"), impression("i", at(0, 5), "u"), impression("j", at(0, 6))]
    acts = [interaction("x", at(0, 8), "like"), interaction("x", at(0, 7), "click"), interaction("x", at(1), "follow")]
    result = ingest_in_process(write_some(tmp_path / "logs", shown, acts, last_day=3), tmp_path / "out")
    assert [(row["impression_id"], row["user_id"]) for row in result.rows] == [("i", "u"), ("j", "u")]
    assert [result.rows[1][label] for label in ("click", "like", "follow")] == [1, 0, 0]
    assert result.accounting.tables["impressions"].duplicate == 1
    assert result.accounting.tables["interactions"].duplicate == 2
    assert result.accounting.days["2026-01-02"].duplicate == 1


def test_of_equal_timestamps_the_first_by_file_path_and_row_is_kept(tmp_path):
    logs = logs_of([], [], last_day=2)
    same = [impression("i", at(0, 5), slot=slot) for slot in ("third", "first", "second")]
    logs["impressions"][20_454] = {"b.parquet": same[:1], "a.parquet": same[1:]}
    result = ingest_in_process(write_logs(logs, tmp_path / "logs", plain=True), tmp_path / "out")
    assert [row["slot"] for row in result.rows] == ["first"]


def test_snapshots_are_unique_by_id_and_date(tmp_path):
    options = {
        "users": [user(language="de"), user(language="en")],
        "shows": [show(publisher="first"), show(publisher="second")],
        "episodes": [episode(duration_ms=60_000), episode(duration_ms=120_000)],
    }
    shown = impression("i", at(0, 5), episode_id="e")
    result = ingest_in_process(write_some(tmp_path / "logs", [shown], [], last_day=2, **options), tmp_path / "out")
    (row,) = result.rows
    assert (row["user_language"], row["publisher"], row["episode_minutes"]) == ("de", "first", 1.0)
    assert {table: result.accounting.tables[table].duplicate for table in options} == dict.fromkeys(options, 1)


def test_a_quarantined_or_duplicate_impression_cannot_be_named_or_touched(tmp_path):
    shown = [impression("i", at(0, 2), spend_micros=-1), impression("j", at(0, 1)), impression("j", at(0, 3))]
    acts = [interaction("x", at(0, 4), "click", impression_id="i")]
    result = ingest_in_process(write_some(tmp_path / "logs", shown, acts, last_day=2), tmp_path / "out")
    assert result.accounting.outcomes["last_touch"] == 1
    assert [(row["timestamp"], row["click"]) for row in result.rows] == [(at(0, 1), 1)]


@pytest.mark.parametrize(("time", "mature"), [(at(1), True), (at(1, 0, 1), False)])
def test_an_impression_is_mature_when_its_longest_window_ends_within_the_logs(tmp_path, time, mature):
    acts = [interaction("x", at(1, 1), "click")]
    result = ingest_in_process(
        write_some(tmp_path / "logs", [impression("i", time)], acts, last_day=1), tmp_path / "out"
    )
    counts = result.accounting.summary()["impressions"]
    assert (counts["labelled"], counts["immature"]) == (int(mature), int(not mature))
    assert result.accounting.outcomes["last_touch"] == 1, "what belongs to an immature impression counts all the same"


def test_logs_without_impressions_and_interactions_give_an_empty_table(tmp_path):
    result = ingest_in_process(write_some(tmp_path / "logs", [], [], last_day=1), tmp_path / "out")
    assert result.labelled.num_rows == 0
    assert sum(sum(counts.values()) for counts in result.accounting.summary().values()) == 0


def counted(quarantined: int, rows: int) -> Accounting:
    days = {"2026-01-01": {"null_key": quarantined}}
    tables = {"users": TableCount(rows, {"null_key": quarantined, "wrong_day": 0}, 0, days)}
    return Accounting(tables | dict.fromkeys(("impressions", "interactions"), TableCount(0, {}, 0)), {}, {}, 0)


def test_the_quarantined_share_may_reach_the_fraction_and_not_exceed_it():
    assert quarantine_problem(counted(1, 100), 0.01) is None
    assert quarantine_problem(counted(29, 100), 0.29) is None  # 0.29 * 100 is below 29
    assert quarantine_problem(counted(0, 0), 0.0) is None
    problem = quarantine_problem(counted(2, 100), 0.01)
    assert problem is not None
    assert "2 of 100 users (2 %) are quarantined (2 null_key)" in problem
    assert "ingestion.max_quarantined_fraction = 1 %" in problem


def test_accounting_is_read_as_it_was_written_and_gives_the_last_mature_day(tmp_path):
    days = {
        "2026-01-01": DayCount(3, 0, 0, 0, {"ad": 2, "promotion": 1}),
        "2026-01-02": DayCount(3, 0, 0, 0, {"ad": 2}, unobserved=1),
        "2026-01-03": DayCount(3, 0, 0, 0, {}, unobserved=3),
        "2026-01-04": DayCount(3, 0, 0, 1, {"ad": 2}),
        "2026-01-05": DayCount(0, 0, 0, 0, {}),
    }
    accounting = Accounting(counted(1, 100).tables, {"direct": 4}, days, 7, ("2026-01-03",))
    write_accounting(accounting, str(tmp_path))
    assert read_accounting(str(tmp_path)) == accounting
    assert str(last_mature_day(accounting.days)) == "2026-01-02", "an unobserved impression is mature"
    assert [count.labelled_rows for count in accounting.days.values()] == [3, 2, 0, 2, 0]
    assert (accounting.summary()["impressions"]["immature"], accounting.summary()["impressions"]["unobserved"]) == (
        1,
        4,
    )


def test_a_row_that_vanishes_while_files_are_read_is_an_error():
    tables = {name: TableCount(5, {}, 0) for name in ("impressions", "interactions")}
    with pytest.raises(LogError, match="do not add up"):
        Accounting(tables, {"direct": 5}, {"2026-01-01": DayCount(5, 0, 0, 1, {"ad": 3})}, 0).check()
