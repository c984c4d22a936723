"""After a change, the days in its reach are computed again, and no others; the result is that of a run from nothing."""

import copy

import pytest

from tests.components.ingestion.kept.days import (
    LAST,
    SHOWN,
    add,
    change_impressions,
    change_interactions,
    reached,
    remove_impressions,
    remove_interactions,
    span,
)
from tests.components.ingestion.kept.world import World
from tests.components.ingestion.some_logs import START, at, episode, interaction, show, user


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
