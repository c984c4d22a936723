"""Hand-computed taste, similarity, and recent shows through the whole ingestion."""

import math

import pytest

from components.ingestion.compute import taste as module
from tests.components.ingestion.in_process import ingest_in_process
from tests.components.ingestion.random_logs import write_logs
from tests.components.ingestion.some_logs import START, at, impression, interaction, logs_of, show
from transforms.features import FEATURES

HOUR_MS = 3_600_000


@pytest.fixture(params=[1, 3], autouse=True)
def _events_at_once(request, monkeypatch):
    """Windows are computed in several parts."""
    monkeypatch.setattr(module, "_CHUNK", request.param)


def vector(*first: float) -> list[float]:
    return [*first, *[0.0] * (16 - len(first))]


def row_of(tmp_path, streams, shows, *, later=None):
    """The row of u and s at noon of day 40; streams are (show, begin, hours), `later` snapshots are of day 25."""
    acts = [
        interaction(f"x{number}", begin, "stream", show=name, listened_ms=round(hours * HOUR_MS))
        for number, (name, begin, hours) in enumerate(streams)
    ]
    logs = logs_of([impression("i", at(40, 12))], acts, last_day=42, shows=shows)
    if later:
        logs["shows"][START + 25] = {"a.parquet": later}
    (row,) = ingest_in_process(write_logs(logs, tmp_path / "logs", plain=True), tmp_path / "out").rows
    return row


def test_taste_is_the_mean_embedding_weighted_by_the_time_listened(tmp_path):
    shows = [show("s", embedding=vector(1, 0)), show("t", embedding=vector(0, 1)), show("n", embedding=None)]
    row = row_of(tmp_path, [("s", at(20), 1), ("t", at(21), 2), ("t", at(22), 1), ("n", at(23), 5)], shows)
    assert row["user_taste"] == vector(0.25, 0.75)
    assert row["user_show_similarity"] == pytest.approx(0.25 / math.sqrt(0.25**2 + 0.75**2))


def test_a_streamed_show_has_the_embedding_of_the_day_on_which_the_stream_began(tmp_path):
    shows, later = [show("s", embedding=vector(1, 0))], [show("s", embedding=vector(0, 1))]
    row = row_of(tmp_path, [("s", at(24, 23), 2), ("s", at(25), 6)], shows, later=later)
    assert row["user_taste"] == vector(0.25, 0.75)
    assert row["show_embedding"] == vector(0, 1)
    assert row["user_show_similarity"] == pytest.approx(0.75 / math.sqrt(0.25**2 + 0.75**2))


def test_an_embedding_that_is_gone_counts_no_more(tmp_path):
    shows, later = [show("s", embedding=vector(1))], [show("s", embedding=None)]
    row = row_of(tmp_path, [("s", at(20), 1), ("s", at(26), 1)], shows, later=later)
    assert row["user_taste"] == vector(1)
    assert row["user_show_similarity"] is None


@pytest.mark.parametrize(
    ("end", "heard"), [(at(10, 12, -1), False), (at(10, 12), True), (at(40, 12, -1), True), (at(40, 12), False)]
)
def test_a_stream_counts_from_its_end(tmp_path, end, heard):
    row = row_of(tmp_path, [("s", end - HOUR_MS * 1000, 1)], [show("s", embedding=vector(1))])
    assert row["user_taste"] == (vector(1) if heard else None)
    assert row["user_recent_shows"] == (["s"] if heard else None)


@pytest.mark.parametrize("embedding", [None, vector(math.nan), vector(math.inf)])
def test_taste_is_missing_without_a_usable_embedding(tmp_path, embedding):
    row = row_of(tmp_path, [("s", at(20), 1)], [show("s", embedding=embedding)])
    assert (row["user_taste"], row["user_show_similarity"]) == (None, None)
    assert row["user_recent_shows"] == ["s"]


def test_taste_is_missing_without_time_listened_and_similarity_to_nothing_as_well(tmp_path):
    shows = [show("s", embedding=vector(1)), show("zero", embedding=vector())]
    assert row_of(tmp_path, [("s", at(20), 0)], shows)["user_taste"] is None
    row = row_of(tmp_path / "zero", [("zero", at(20), 1)], shows)
    assert (row["user_taste"], row["user_show_similarity"]) == (vector(), None)


def test_recent_shows_are_distinct_by_their_last_end_then_by_id(tmp_path):
    streams = [
        ("b", at(20), 1),
        ("a", at(20), 1),
        ("c", at(19), 1),
        ("d", at(19), 30),
        ("c", at(15), 1),
        ("z", at(10), 1),
    ]
    assert row_of(tmp_path, streams, [show()])["user_recent_shows"] == ["d", "a", "b", "c"]


def test_at_most_twenty_recent_shows_are_kept(tmp_path):
    streams = [(f"show{number:02d}", at(20, number / 10), 0.01) for number in range(23)]
    row = row_of(tmp_path, streams, [show()])
    assert row["user_recent_shows"] == [f"show{number:02d}" for number in range(22, 2, -1)]


def test_recent_shows_need_no_embeddings(tmp_path):
    acts = [interaction("x", at(20), "stream")]
    logs = logs_of([impression("i", at(40, 12))], acts, last_day=42, shows=[show(embedding=[])])
    written = write_logs(logs, tmp_path / "logs", plain=True)
    features = tuple(feature for feature in FEATURES if feature.name in ("user_recent_shows", "hour"))
    (row,) = ingest_in_process(written, tmp_path / "out", features=features).rows
    assert (row["user_recent_shows"], row["hour"]) == (["s"], "12")
