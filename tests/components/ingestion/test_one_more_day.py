"""What is kept of earlier runs changes no result, and only days in reach of a change are computed again."""

import copy
import io
import random
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import mock

import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from components import code_hash
from components.ingestion.compute import buckets
from components.ingestion.config import IngestionConfig
from components.ingestion.steps import read
from components.ingestion.steps.users import JoinUsers
from files import storage
from files.kept import Kept
from logs.errors import LogError
from logs.times import day_number
from tests.components.ingestion.in_process import Result, ingest_in_process
from tests.components.ingestion.random_logs import FIRST, random_logs, to_arrow, write_logs
from tests.components.ingestion.reference import DAY
from tests.components.ingestion.some_logs import START, at, episode, impression, interaction, show, user
from transforms.domain import Domain, Label

ACTED, SHOWN, LAST = 25, 31, 66
"""The first day of interactions, the first day of impressions, and the last day of the logs."""


def days_of_logs() -> dict:
    """A stream on each day from `ACTED` to `LAST`, and an impression on each day from `SHOWN`, of two users in turn."""
    logs: dict = {table: {} for table in ("impressions", "interactions", "users", "shows")}
    for day in range(ACTED, LAST + 1):
        logs["interactions"][START + day] = {"a.parquet": [interaction(f"x{day}", at(day, 9), "stream", f"u{day % 2}")]}
        if day >= SHOWN:
            shown = impression(f"i{day}", at(day, 8), f"u{day % 2}", episode_id=f"e{day}")
            logs["impressions"][START + day] = {"a.parquet": [shown]}
    for day in (0, 50):
        logs["users"][START + day] = {"a.parquet": [user("u0", account_age_days=day), user("u1")]}
        logs["shows"][START + day] = {"a.parquet": [show(publisher=f"p{day}")]}
    logs["episodes"] = {None: {"a.parquet": [episode(f"e{day}") for day in range(SHOWN, LAST + 1)]}}
    return logs


class World:
    """Logs that change, ingested with what earlier ingestions kept, and from nothing; `defaults` are settings."""

    def __init__(self, folder: Path, **defaults: object) -> None:
        self.folder, self.kept, self._runs, self._defaults = folder, folder / "kept", 0, defaults

    def ingest(self, logs: dict, *, compare: bool = True, **settings: object) -> Result:
        """Ingests with what is kept; unless `compare` is False, the result must be that of a run from nothing."""
        self._runs += 1
        settings = self._defaults | settings
        place = self.folder / str(self._runs)
        written = write_logs(logs, place / "logs", plain=True)
        result = ingest_in_process(written, place / "out", kept=self.kept, **settings)
        if not compare:
            return result
        fresh = ingest_in_process(written, place / "fresh", **settings)
        assert result.labelled.equals(fresh.labelled)
        assert result.files == fresh.files, "byte for byte"
        assert result.accounting == fresh.accounting
        assert result.quarantine == fresh.quarantine
        return result


@pytest.fixture(scope="module")
def logs() -> dict:
    return days_of_logs()


@pytest.fixture(scope="module", autouse=True)
def _code_stands_still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A copy of our code, which names kept results, cannot change while these tests run."""
    folder = tmp_path_factory.mktemp("code")
    for package in ("components", "files", "logs", "transforms"):
        shutil.copytree(code_hash.ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(code_hash, "ROOT", folder)
        yield


def span(first: int, last: int) -> set[int]:
    """Days of impressions from `first` to `last`."""
    return set(range(max(first, SHOWN), min(last, LAST) + 1))


def reached(day: int, window: int = 1) -> set[int]:
    """Days of impressions that a partition of events reaches: a window back, 30 days and a window ahead."""
    return span(day - window, day + 30 + window)


def add(logs: dict, table: str, day: int | None, *rows: dict, file: str = "a.parquet") -> None:
    logs[table].setdefault(None if day is None else START + day, {}).setdefault(file, []).extend(rows)


def change_interactions(logs: dict) -> set[int]:
    add(logs, "interactions", 33, interaction("new", at(33, 12), "click", "u0"))
    return reached(33)


def change_impressions(logs: dict) -> set[int]:
    logs["impressions"][START + 33]["a.parquet"][0]["spend_micros"] = 7
    return reached(33)


def remove_interactions(logs: dict) -> set[int]:
    del logs["interactions"][START + 33]
    return reached(33)


def remove_impressions(logs: dict) -> set[int]:
    del logs["impressions"][START + 33]
    return reached(33) - {33}


def end_earlier(logs: dict) -> set[int]:
    del logs["interactions"][START + LAST]
    return span(LAST - 1, LAST)


def repeat_an_id_earlier(logs: dict) -> set[int]:
    add(logs, "interactions", 26, interaction("x64", at(26, 12), "click", "u0"))
    return reached(26) | reached(64)


def stream_that_ends_much_later(logs: dict) -> set[int]:
    add(logs, "interactions", 26, interaction("long", at(26, 12), "stream", "u0", listened_ms=33 * 86_400_000))
    return reached(26) | span(59, 59 + 30)  # it ends on day 59


def late_users(logs: dict) -> set[int]:
    add(logs, "users", 45, user("u0", product="premium"), user("u1"))
    return span(45, 49)  # the snapshot of day 50 has both users


def late_users_of_whom_one_stays(logs: dict) -> set[int]:
    add(logs, "users", 45, user("u2"))
    return span(45, LAST)


def late_publisher_of_a_show(logs: dict) -> set[int]:
    add(logs, "shows", 45, show(publisher="other"))
    return span(45, 49)


def late_genres_of_a_show(logs: dict) -> set[int]:
    add(logs, "shows", 32, show(publisher="p0", genres=["food"]))
    add(logs, "shows", 33, show(publisher="p0"))
    return span(32, 32 + 31)  # streams of day 32 have these genres


def the_same_snapshot_once_more(logs: dict) -> set[int]:
    add(logs, "shows", 45, show(publisher="p0"))
    return set()


def change_an_episode(logs: dict) -> set[int]:
    logs["episodes"][None]["a.parquet"][0]["duration_ms"] = 1
    return {SHOWN}


def add_an_episode(logs: dict) -> set[int]:
    add(logs, "episodes", None, episode("e-new"))
    return set()


def write_the_same_rows_in_another_file(logs: dict) -> set[int]:
    logs["users"][START]["b.parquet"] = logs["users"][START].pop("a.parquet")
    return set()


CHANGES = (
    *(change_interactions, change_impressions, remove_interactions, remove_impressions, end_earlier),
    *(repeat_an_id_earlier, stream_that_ends_much_later),
    *(late_users, late_users_of_whom_one_stays, late_publisher_of_a_show, late_genres_of_a_show),
    *(the_same_snapshot_once_more, change_an_episode, add_an_episode, write_the_same_rows_in_another_file),
)


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory, logs: dict) -> World:
    world = World(tmp_path_factory.mktemp("ingested"))
    world.ingest(logs)
    return world


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_recomputes_the_days_that_it_reaches_and_no_other(ingested: World, logs: dict, change):
    changed = copy.deepcopy(logs)
    expected = change(changed)
    assert ingested.ingest(changed).computed == expected
    assert ingested.ingest(logs, compare=False).computed == set(), "what was kept before is still there"


def test_one_more_day_reads_its_partitions_and_computes_the_days_that_it_changes(tmp_path: Path, logs: dict):
    world = World(tmp_path)
    world.ingest(_until(logs, START + 62), compare=False)
    for day in (63, 64):
        result = world.ingest(_until(logs, START + day))
        assert result.computed == {day - 1, day}
        assert result.read == {("impressions", day), ("interactions", day)}


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
    events = {("interactions", day) for day in range(ACTED, 66)} | {("impressions", day) for day in range(SHOWN, 66)}
    assert result.read == events | {(table, day) for table in ("users", "shows") for day in (0, 50)}


@pytest.mark.parametrize(
    ("owner", "name", "calls"),
    [(Kept, "keep", 0), (Kept, "keep", 250), *((storage, "_take_place", calls) for calls in (3, 300, 600))],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_run_that_was_killed_leaves_nothing_half_written(
    tmp_path: Path, logs: dict, owner: object, name: str, calls: int, monkeypatch
):
    world, done = World(tmp_path), 0

    def killed(*arguments: object) -> None:
        nonlocal done
        if done == calls:
            raise KeyboardInterrupt
        done += 1
        function(*arguments)

    function = getattr(owner, name)
    written = write_logs(logs, tmp_path / "logs", plain=True)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(owner, name, killed)
        ingest_in_process(written, tmp_path / "killed", kept=world.kept)
    assert world.ingest(logs).labelled.num_rows > 0
    assert world.ingest(logs, compare=False).computed == set()


def test_two_runs_at_once_keep_the_same(tmp_path: Path, logs: dict):
    written = write_logs(logs, tmp_path / "logs", plain=True)
    with ThreadPoolExecutor() as pool:
        runs = [
            pool.submit(ingest_in_process, written, tmp_path / str(number), kept=tmp_path / "kept") for number in (0, 1)
        ]
        first, second = (run.result() for run in runs)
    assert first.files == second.files
    world = World(tmp_path)
    assert world.ingest(logs).files == first.files


def test_two_configs_share_what_they_have_in_common(tmp_path: Path, logs: dict):
    world = World(tmp_path)
    world.ingest(logs, compare=False)
    shorter = Domain(labels=Domain().labels | {"click": Label(kind="click", window_hours=12)})
    other = world.ingest(logs, domain=shorter)
    assert other.computed == span(SHOWN, LAST)
    assert other.read == set(), "the windows do not matter for reading"
    loose = IngestionConfig(max_quarantined_fraction=1)
    assert world.ingest(logs, compare=False, config=loose).computed == set()
    assert world.ingest(logs, compare=False, domain=shorter).computed == set()


def test_a_file_that_changes_while_it_is_read_is_not_kept(tmp_path: Path, logs: dict, monkeypatch):
    written = write_logs(logs, tmp_path / "logs", plain=True)
    path = next(Path(written, "users").rglob("*.parquet"))
    load, before = read.load_chunk, path.read_bytes()

    def load_and_change(chunk, *arguments):
        if chunk.table == "users":
            path.write_bytes(to_bytes([user("u0", product="other")]))
        return load(chunk, *arguments)

    with monkeypatch.context() as patched, pytest.raises(LogError, match="changed since the run began"):
        patched.setattr(read, "load_chunk", load_and_change)
        ingest_in_process(written, tmp_path / "out", kept=tmp_path / "kept")
    path.write_bytes(before)
    assert World(tmp_path).ingest(logs).computed == span(SHOWN, LAST)


def test_a_file_that_changes_before_its_rows_are_read_again_leaves_what_is_kept_of_it(
    tmp_path: Path, logs: dict, monkeypatch
):
    world = World(tmp_path)
    world.ingest(logs, compare=False)
    for path in (world.kept / "rows").iterdir():
        path.unlink()
    changed = copy.deepcopy(logs)
    change_interactions(changed)
    written = write_logs(changed, tmp_path / "logs", plain=True)
    facts = {path: path.read_bytes() for path in (world.kept / "facts").iterdir()}
    load = read.load_chunk

    def change_and_load(chunk, *arguments):
        if chunk.table == "impressions":
            ((path, _),) = chunk.parts
            rows = [impression("changed", at(day_number(chunk.day) - START), "u2", episode_id="changed")]
            Path(path).write_bytes(to_bytes(rows, "impressions"))
        return load(chunk, *arguments)

    with monkeypatch.context() as patched, pytest.raises(LogError, match="changed since the run began"):
        patched.setattr(read, "load_chunk", change_and_load)
        ingest_in_process(written, tmp_path / "out", kept=world.kept)
    assert {path: path.read_bytes() for path in facts} == facts
    assert world.ingest(changed).computed == reached(33)


def test_facts_that_are_gone_are_read_again_and_rows_with_a_record_stay(tmp_path: Path, logs: dict):
    world = World(tmp_path)
    world.ingest(logs, compare=False)
    rows = {path: path.stat().st_mtime_ns for path in (world.kept / "rows").iterdir()}
    for path in (world.kept / "facts").iterdir():
        path.unlink()
    assert world.ingest(logs).computed == set()
    assert {path: path.stat().st_mtime_ns for path in rows} == rows


def to_bytes(rows: list[dict], table: str = "users") -> bytes:
    file = io.BytesIO()
    pq.write_table(to_arrow(table, rows, None), file)
    return file.getvalue()


LONG = Domain(labels=Domain().labels | {"click": Label(kind="click", window_hours=60)})
"""A window of two days and a half, so whole days reach three days around."""


@pytest.mark.parametrize("change", [change_interactions, change_impressions, remove_interactions])
def test_with_windows_over_a_day_and_several_buckets_a_change_reaches_further(
    tmp_path: Path, logs: dict, change, monkeypatch
):
    monkeypatch.setattr(buckets, "BUCKET_ROWS", 40)
    world = World(tmp_path, domain=LONG)
    changed = copy.deepcopy(logs)
    change(changed)
    first = world.ingest(logs, compare=False)
    assert {item.bucket for item in first.items if isinstance(item, JoinUsers)} == set(range(4))
    assert world.ingest(changed).computed == reached(33, 3)
    assert world.ingest(_until(changed, START + LAST - 1)).computed == span(LAST - 3, LAST - 1)


def test_with_more_buckets_results_stay_and_rows_are_read_again_where_a_change_needs_them(
    tmp_path: Path, logs: dict, monkeypatch
):
    world = World(tmp_path)
    world.ingest(logs, compare=False)
    monkeypatch.setattr(buckets, "BUCKET_ROWS", 40)
    assert world.ingest(logs, compare=False).computed == set(), "a result does not depend on buckets"
    changed = copy.deepcopy(logs)
    change_interactions(changed)
    result = world.ingest(changed)
    assert result.computed == reached(33)
    assert {table for table, _ in result.read} == {"impressions", "interactions", "users"}


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


EDITS = ("day", "day", "change", "late", "remove", "repeat", "snapshot", "episodes")


@settings(max_examples=4, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(seed=st.integers(0, 10**6), edits=st.lists(st.sampled_from(EDITS), min_size=3, max_size=5))
def test_logs_that_grow_and_change_give_what_a_run_from_nothing_gives(seed: int, edits: list[str]):
    rng = random.Random(seed)
    small = mock.patch.object(buckets, "BUCKET_ROWS", rng.choice((60, 400, 10**6)))
    whole = random_logs(seed, 6, 0.1, acted=tuple(range(40)), shown=tuple(range(28, 40)))
    until = 34
    with tempfile.TemporaryDirectory() as folder, small:
        world = World(Path(folder), domain=rng.choice((Domain(), LONG)))
        world.ingest(_until(whole, FIRST + until), compare=False)
        for edit in edits:
            until += edit == "day"
            _edit(whole, edit, until, rng)
            world.ingest(_until(whole, FIRST + until))


def _until(logs: dict, last: int) -> dict:
    return {
        table: {day: files for day, files in days.items() if day is None or day <= last} or dict(list(days.items())[:1])
        for table, days in logs.items()
    }


def _edit(logs: dict, edit: str, until: int, rng: random.Random) -> None:
    """Changes a random partition of the days up to `until`."""
    table = rng.choice(("impressions", "interactions"))
    day = rng.choice([day for day in logs[table] if day <= FIRST + until])
    if edit == "change":
        logs[table][day]["b.parquet"] = []
    elif edit == "late":
        logs["interactions"].setdefault(FIRST + rng.randrange(until), {})["late.parquet"] = []
    elif edit == "remove" and len(logs[table]) > 1:
        del logs[table][day]
    elif edit == "repeat":
        rows = [row for files in logs["interactions"].values() for rows in files.values() for row in rows]
        earliest = min(logs["interactions"])
        again = rng.choice(rows) | {"timestamp": earliest * DAY + 5}
        logs["interactions"][earliest].setdefault("again.parquet", []).append(again)
    elif edit == "snapshot":
        other = random_logs(rng.randrange(10**6), 1, 0.0)
        kind = rng.choice(("users", "shows"))
        logs[kind][FIRST + rng.randrange(until)] = rng.choice(list(other[kind].values()))
    elif edit == "episodes":
        logs["episodes"] = random_logs(rng.randrange(10**6), 1, 0.1)["episodes"]
