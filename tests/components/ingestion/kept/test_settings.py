"""Other windows, other settings, or other buckets share what does not depend on them."""

import copy
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from components.ingestion.compute import buckets
from components.ingestion.config import IngestionConfig
from components.ingestion.steps.users import JoinUsers
from tests.components.ingestion.kept.days import (
    LAST,
    SHOWN,
    change_impressions,
    change_interactions,
    logs_until,
    reached,
    remove_interactions,
    span,
)
from tests.components.ingestion.kept.world import World
from tests.components.ingestion.some_logs import START
from transforms.domain import Domain, Label


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


LONG = Domain(labels=Domain().labels | {"click": Label(kind="click", window_hours=60)})
"""A window of two days and a half, so whole days reach three days around."""


@pytest.fixture(scope="module")
def in_buckets(tmp_path_factory: pytest.TempPathFactory, logs: dict) -> Iterator[World]:
    """The logs ingested in four buckets, with windows over a day."""
    world = World(tmp_path_factory.mktemp("buckets"), domain=LONG)
    with mock.patch.object(buckets, "BUCKET_ROWS", 40):
        first = world.ingest(logs, compare=False)
        assert {item.bucket for item in first.items if isinstance(item, JoinUsers)} == set(range(4))
        yield world


@pytest.mark.parametrize("change", [change_interactions, change_impressions, remove_interactions])
def test_with_windows_over_a_day_and_several_buckets_a_change_reaches_further(in_buckets: World, logs: dict, change):
    changed = copy.deepcopy(logs)
    change(changed)
    assert in_buckets.ingest(changed).computed == reached(33, 3)


def test_with_windows_over_a_day_and_several_buckets_the_end_of_logs_reaches_further(in_buckets: World, logs: dict):
    assert in_buckets.ingest(logs_until(logs, START + LAST - 1)).computed == span(LAST - 3, LAST - 1)
