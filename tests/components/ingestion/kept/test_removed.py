"""Kept results that a clean-up removed are made again where they are needed."""

import copy
from pathlib import Path

from tests.components.ingestion.kept.days import ACTED, DAYS, LAST, add, change_interactions, reached, span
from tests.components.ingestion.kept.world import World
from tests.components.ingestion.some_logs import user


def test_without_rows_of_earlier_days_they_are_read_again(tmp_path: Path, logs: dict):
    world = World(tmp_path)
    world.ingest(logs)
    for name in ("rows", "states"):
        for path in (world.kept / name).iterdir():
            path.unlink()
    changed = copy.deepcopy(logs)
    change_interactions(changed)
    result = world.ingest(changed)
    assert result.computed == reached(33) == span(32, 64)
    events = {("interactions", day) for day in range(ACTED, 66)} | {("impressions", day) for day in DAYS if day < 66}
    assert result.read == events | {(table, day) for table in ("users", "shows") for day in (0, 50)}


def test_facts_that_are_gone_are_read_again_and_rows_with_a_record_stay(tmp_path: Path, logs: dict):
    world = World(tmp_path)
    world.ingest(logs, compare=False)
    rows = {path: path.stat().st_mtime_ns for path in (world.kept / "rows").iterdir()}
    for path in (world.kept / "facts").iterdir():
        path.unlink()
    assert world.ingest(logs).computed == set()
    assert {path: path.stat().st_mtime_ns for path in rows} == rows


def test_a_late_snapshot_is_put_over_a_state_of_the_thirty_days_before(tmp_path: Path, logs: dict):
    daily = copy.deepcopy(logs)
    for day in range(1, LAST + 1):
        add(daily, "users", day, user(f"u{day % 2}", account_age_days=day))
    world = World(tmp_path)
    used = world.ingest(daily, compare=False).used
    for path in (world.kept / "states").iterdir():  # as a clean-up does
        if f"states/{path.name.split('-')[0]}" not in used:
            path.unlink()
    add(daily, "users", 60, user("u1", product="premium"), file="late.parquet")
    result = world.ingest(daily)
    assert result.computed == {60}
    read_days = {day for table, day in result.read if table == "users"}
    assert read_days == set(range(37, LAST + 1)), "the state of day 36 is kept, since START + 36 is divisible by 30"
