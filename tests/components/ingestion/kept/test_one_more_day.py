"""Days that arrive one by one, at random also late, changed, or removed, give what a run from nothing gives."""

import random
import tempfile
from pathlib import Path
from unittest import mock

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from components.ingestion.compute import buckets
from tests.components.ingestion.kept.days import logs_until
from tests.components.ingestion.kept.test_settings import LONG
from tests.components.ingestion.kept.world import World
from tests.components.ingestion.random_logs import FIRST, random_logs
from tests.components.ingestion.reference import DAY
from tests.components.ingestion.some_logs import START
from transforms.domain import Domain


def test_one_more_day_reads_its_partitions_and_computes_the_days_that_it_changes(tmp_path: Path, logs: dict):
    world = World(tmp_path)
    world.ingest(logs_until(logs, START + 62), compare=False)
    for day in (63, 64):
        result = world.ingest(logs_until(logs, START + day))
        assert result.computed == {day - 1, day}
        assert result.read == {("impressions", day), ("interactions", day)}


EDITS = ("day", "day", "change", "late", "remove", "repeat", "snapshot", "episodes")


@settings(max_examples=3, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(seed=st.integers(0, 10**6), edits=st.lists(st.sampled_from(EDITS), min_size=3, max_size=4))
def test_logs_that_grow_and_change_give_what_a_run_from_nothing_gives(seed: int, edits: list[str]):
    rng = random.Random(seed)
    small = mock.patch.object(buckets, "BUCKET_ROWS", rng.choice((60, 400, 10**6)))
    whole = random_logs(seed, 6, 0.1, acted=tuple(range(40)), shown=tuple(range(28, 40)))
    until = 34
    with tempfile.TemporaryDirectory() as folder, small:
        world = World(Path(folder), domain=rng.choice((Domain(), LONG)))
        world.ingest(logs_until(whole, FIRST + until), compare=False)
        for edit in edits:
            until += edit == "day"
            _edit(whole, edit, until, rng)
            world.ingest(logs_until(whole, FIRST + until))


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
