"""Hand-computed history features through the whole ingestion (docs/data.md#what-was-known-at-the-time)."""

import pytest

from tests.components.ingestion.in_process import ingest_in_process
from tests.components.ingestion.random_logs import write_logs
from tests.components.ingestion.some_logs import (
    START,
    at,
    episode,
    impression,
    interaction,
    logs_of,
    show,
    user,
    write_some,
)

MINUTE_MS = 60_000


def features(tmp_path, interactions=(), *, impressions=(), time=None, **options):
    """The labelled row of one impression of u and s at noon of day 40."""
    shown = impression("i", at(40, 12) if time is None else time, episode_id="e")
    logs = write_some(tmp_path / "logs", [shown, *impressions], interactions, last_day=42, **options)
    rows = ingest_in_process(logs, tmp_path / "out").rows
    return next(row for row in rows if row["impression_id"] == "i")


@pytest.mark.parametrize(
    ("time", "counts"),
    [(at(10, 12, -1), 0), (at(10, 12), 1), (at(40, 12, -1), 1), (at(40, 12), 0), (at(40, 13), 0)],
)
def test_an_action_counts_from_just_after_it_to_thirty_days_later(tmp_path, time, counts):
    row = features(tmp_path, [interaction("f", time, "follow"), interaction("q", time, "search", show=None)])
    assert (row["user_follows_30d"], row["user_show_follows_30d"], row["user_searches_30d"]) == (counts,) * 3


@pytest.mark.parametrize(
    ("end", "counts"),
    [(at(10, 12, -1), 0), (at(10, 12), 1), (at(40, 12, -1), 1), (at(40, 12), 0), (at(40, 12, 1), 0)],
)
def test_a_stream_is_known_at_its_end(tmp_path, end, counts):
    row = features(tmp_path, [interaction("x", end - 600 * 1_000_000, "stream", listened_ms=600_000)])
    result = (row["user_streams_30d"], row["user_shows_30d"], row["user_show_streams_30d"])
    assert result == (counts,) * 3
    assert row["user_hours_30d"] == pytest.approx(counts / 6)


def test_the_users_measures_add_up_over_shows_and_the_pairs_do_not(tmp_path):
    acts = [
        interaction("a", at(20), "stream", listened_ms=30 * MINUTE_MS),
        interaction("b", at(21), "stream", listened_ms=30 * MINUTE_MS),
        interaction("c", at(22), "stream", show="t", listened_ms=1),
        interaction("d", at(23), "follow", show="t"),
        interaction("e", at(23), "stream", user="v"),
    ]
    row = features(tmp_path, acts)
    assert (row["user_streams_30d"], row["user_shows_30d"], row["user_show_streams_30d"]) == (3, 2, 2)
    assert (row["user_follows_30d"], row["user_show_follows_30d"]) == (1, 0)
    assert row["user_hours_30d"] == pytest.approx(1 + 1 / 3_600_000)
    assert (row["show_streams_30d"], row["show_followers_30d"]) == (3, 0)


def test_impressions_of_the_pair_in_the_last_seven_days_count_and_equal_times_do_not(tmp_path):
    shown = [
        impression("before", at(33, 12, -1)),
        impression("first", at(33, 12)),
        impression("ad", at(40, 12, -1), source="ad"),
        impression("same", at(40, 12)),
        impression("other", at(40, 11), show="t"),
    ]
    assert features(tmp_path, impressions=shown)["user_show_impressions_7d"] == 2


def test_genre_affinity_is_the_mean_share_over_the_candidates_genres(tmp_path):
    shows = [show("s", genres=["news", "arts", "news"]), show("t", genres=["news"]), show("w", genres=None)]
    acts = [interaction(f"x{number}", at(20, number), "stream", show=name) for number, name in enumerate("ttws")]
    row = features(tmp_path, acts, shows=shows)
    assert row["user_genre_affinity"] == pytest.approx((3 / 4 + 1 / 4) / 2)


def test_a_change_of_genres_counts_from_its_day_whatever_the_genres_are_called(tmp_path):
    acts = [interaction("a", at(20), "stream", listened_ms=1), interaction("b", at(30), "stream", listened_ms=1)]
    logs = logs_of([impression("i", at(40, 12))], acts, last_day=42, shows=[show(genres=["a\x1fb"])])
    logs["shows"][START + 25] = {"a.parquet": [show(genres=["a", "b"])]}
    (row,) = ingest_in_process(write_logs(logs, tmp_path / "logs", plain=True), tmp_path / "out").rows
    assert row["genres"] == ["a", "b"]
    assert row["user_genre_affinity"] == pytest.approx(0.5)  # one of the two streams was of "a" and "b"


def test_listening_times_beyond_reason_overflow_nothing(tmp_path):
    acts = [interaction(name, at(39), "stream", listened_ms=2**62) for name in "abc"]
    row = features(tmp_path, acts)
    assert (row["stream_tier"], row["user_streams_30d"]) == (0, 0)


def test_genre_affinity_is_missing_without_streams_or_genres(tmp_path):
    assert features(tmp_path)["user_genre_affinity"] is None
    acts = [interaction("x", at(20), "stream")]
    assert features(tmp_path / "b", acts, shows=[show(genres=[])])["user_genre_affinity"] is None


def test_a_row_without_snapshots_keeps_its_label_and_misses_their_features(tmp_path):
    acts = [interaction("x", at(40, 12), "click")]
    row = features(tmp_path, acts, users=[user("v")], shows=[show("t")], episodes=[episode("f")])
    missing = ("user_language", "account_age_days", "publisher", "genres", "show_embedding", "show_age_days")
    assert row["click"] == 1
    assert {row[name] for name in (*missing, "episode_minutes", "episode_age_hours")} == {None}
    assert (row["user_streams_30d"], row["show_hours_30d"], row["stream_tier"], row["less_streamed"]) == (0, 0, 7, 1)


def test_ages_are_missing_before_the_release(tmp_path):
    later = {"shows": [show(release_date=20_454 + 41)], "episodes": [episode(release_timestamp=at(40, 12, 1))]}
    row = features(tmp_path, **later)
    assert (row["show_age_days"], row["episode_age_hours"]) == (None, None)
    now = {"shows": [show(release_date=20_454 + 40)], "episodes": [episode(release_timestamp=at(40, 12))]}
    row = features(tmp_path / "b", **now)
    assert (row["show_age_days"], row["episode_age_hours"], row["episode_minutes"]) == (0, 0, 30)


def test_hour_and_weekday_are_of_utc_and_monday_is_0(tmp_path):
    row = features(tmp_path, time=at(4, 9, -1))  # Monday 2026-01-05
    assert (row["hour"], row["weekday"]) == ("08", "0")
