"""Hand-computed response history and recency through the whole ingestion (docs/data.md#response-history)."""

import math

import pytest

from components.ingestion.config import IngestionConfig
from tests.components.ingestion.in_process import ingest_in_process
from tests.components.ingestion.some_logs import at, impression, interaction, write_some

HOUR_MS = 3_600_000
NOON = at(40, 12)
RATE = math.log(1.125)
"""(1 + 5) / (2 - 1 + 15) above 6 / (24 - 6): one click of two, of a source with 6 of 24, and 20 times its rate more."""


def row_of(tmp_path, impressions, interactions=(), *, config=None, **columns):
    """The labelled row of one impression of u and s at noon of day 40, in the source `promotion`."""
    logs = write_some(tmp_path / "logs", [impression("i", NOON, **columns), *impressions], interactions, last_day=42)
    rows = ingest_in_process(logs, tmp_path / "out", config).rows
    return next(row for row in rows if row["impression_id"] == "i")


def shown_to_others(clicked=5, shown=22):
    """Impressions of other users and another show on day 30, and clicks an hour later that name the first ones."""
    names = [f"other{number}" for number in range(shown)]
    impressions = [impression(name, at(30, 6), user=name, show="t") for name in names]
    clicks = [interaction(f"c{name}", at(30, 7), "click", name, "t", impression_id=name) for name in names[:clicked]]
    return impressions, clicks


@pytest.mark.parametrize(
    ("time", "shown"), [(at(10, 12, -1), 0), (at(10, 12), 1), (at(40, 12, -1), 1), (at(40, 12), 0), (at(41), 0)]
)
def test_an_impression_counts_for_its_user_from_just_after_it_to_thirty_days_later(tmp_path, time, shown):
    row = row_of(tmp_path, [impression("j", time)])
    entities = ("user", "user_show", "user_surface")
    assert [row[f"{entity}_promotion_shown_30d"] for entity in entities] == [shown] * 3
    assert [row[f"{entity}_ad_shown_30d"] for entity in entities] == [0] * 3


@pytest.mark.parametrize(
    ("time", "shown"), [(at(10, 0, -1), 0), (at(10), 1), (at(40, 0, -1), 1), (at(40), 0), (at(40, 11), 0)]
)
def test_an_impression_counts_for_its_show_on_the_thirty_days_after_its_own(tmp_path, time, shown):
    same = {"episode_id": "e", "campaign_id": "c", "creative_id": "x"}
    row = row_of(tmp_path, [impression("j", time, user="v", source="ad", **same)], **same)
    entities = ("show", "episode", "campaign", "creative", "placement")
    assert [row[f"{entity}_ad_shown_30d"] for entity in entities] == [shown] * 5
    assert [row[f"{entity}_promotion_shown_30d"] for entity in entities] == [0] * 5
    assert row["user_ad_shown_30d"] == 0


def test_each_entity_counts_its_own(tmp_path):
    row = row_of(
        tmp_path,
        [
            impression("show", at(39), show="t"),
            impression("surface", at(39), surface="search"),
            impression("user", at(39), user="v"),
            impression("slot", at(39), user="v", slot="side"),
        ],
    )
    counts = {"user": 2, "user_show": 1, "user_surface": 1, "show": 3, "placement": 2}
    assert {entity: row[f"{entity}_promotion_shown_30d"] for entity in counts} == counts
    assert [row[f"{entity}_promotion_shown_30d"] for entity in ("episode", "campaign", "creative")] == [None] * 3
    assert [row[f"{entity}_promotion_click_rate_30d"] for entity in ("episode", "campaign", "creative")] == [None] * 3


def test_without_a_surface_what_counts_by_surface_is_missing(tmp_path):
    others, clicks = shown_to_others()
    # Both users see the only surface that there is; the one before in the order of rows must not lend it to the other.
    shown = [*others, impression("v", at(39), user="v"), impression("u", at(39), surface=None)]
    row = row_of(tmp_path, shown, clicks, surface=None)
    names = [name for name in row if name.startswith(("user_surface_", "placement_"))]
    assert len(names) == 2 * 2 * (1 + 4)
    assert {name: row[name] for name in names} == dict.fromkeys(names)
    assert row["user_promotion_shown_30d"] == 1


@pytest.mark.parametrize("part", ["slot", "layout"])
def test_a_placement_without_a_part_is_missing(tmp_path, part):
    row = row_of(tmp_path, [impression("j", at(39), **{part: None})], **{part: None})
    assert row["placement_promotion_shown_30d"] is None
    assert row["user_surface_promotion_shown_30d"] == 1


def test_a_rate_is_smoothed_log_odds_above_the_source(tmp_path):
    others, clicks = shown_to_others()
    own = [impression("a", at(35)), impression("b", at(35, 2))]
    clicks = [*clicks, interaction("own", at(35, 1), "click")]  # last touch: a
    row = row_of(tmp_path, [*others, *own], clicks, episode_id="e")
    entities = ("user", "user_show", "user_surface", "show")
    assert [row[f"{entity}_promotion_click_rate_30d"] for entity in entities] == [pytest.approx(RATE)] * 4
    assert row["placement_promotion_click_rate_30d"] == pytest.approx(math.log((6 + 5) / (18 + 15) * 3), abs=1e-7)
    assert row["episode_promotion_shown_30d"] == 0
    assert row["episode_promotion_click_rate_30d"] == 0, "nothing was shown"
    assert row["show_promotion_stream_rate_30d"] is None, "the source has no stream"
    assert row["show_ad_click_rate_30d"] is None, "the source has no impression"


def test_smoothing_is_a_setting(tmp_path):
    others, clicks = shown_to_others()
    own = [impression("a", at(35)), impression("b", at(35, 2))]
    clicks = [*clicks, interaction("own", at(35, 1), "click")]
    row = row_of(tmp_path, [*others, *own], clicks, config=IngestionConfig(rate_smoothing=4))
    assert row["show_promotion_click_rate_30d"] == pytest.approx(math.log((1 + 1) / (1 + 3) * 3))


def test_a_rate_is_missing_where_every_impression_of_the_source_has_a_response(tmp_path):
    others, clicks = shown_to_others(clicked=22)
    assert row_of(tmp_path, others, clicks)["placement_promotion_click_rate_30d"] is None


def test_a_user_s_response_counts_once_known_and_that_of_a_show_from_the_next_day(tmp_path):
    others, clicks = shown_to_others()
    own = [impression("a", at(39, 20)), impression("b", at(39, 22))]
    clicks = [*clicks, interaction("late", at(40, 1), "click", impression_id="a")]
    row = row_of(tmp_path, [*others, *own], clicks)
    p = 5 / 24
    none = math.log(20 * p / (2 + 20 * (1 - p)) / (p / (1 - p)))
    one = math.log((1 + 20 * p) / (1 + 20 * (1 - p)) / (p / (1 - p)))
    assert row["user_show_promotion_click_rate_30d"] == pytest.approx(one)
    assert row["show_promotion_click_rate_30d"] == pytest.approx(none)


@pytest.mark.parametrize(("end", "known"), [(at(40, 12, -1), True), (at(40, 12), False), (at(40, 13), False)])
def test_a_stream_is_a_response_once_it_has_ended(tmp_path, end, known):
    others, _ = shown_to_others()
    streams = [
        interaction(f"s{number}", at(30, 7), "stream", f"other{number}", "t", listened_ms=HOUR_MS)
        for number in range(6)
    ]
    own = [impression("a", at(40, 9)), impression("b", at(40, 10))]
    listened = HOUR_MS + 1
    began = end - listened * 1000
    row = row_of(tmp_path, [*others, *own], [*streams, interaction("x", began, "stream", listened_ms=listened)])
    p = 6 / 22
    rate = math.log((known + 20 * p) / (2 - known + 20 * (1 - p)) / (p / (1 - p)))
    assert row["user_show_promotion_stream_rate_30d"] == pytest.approx(rate)


def test_several_interactions_of_a_kind_are_one_response_and_the_first_one_says_when(tmp_path):
    others, clicks = shown_to_others()
    own = [impression("a", at(35)), impression("b", at(35, 2))]
    again = [interaction(f"own{number}", at(35, 1 - number / 4), "click", impression_id="a") for number in range(3)]
    row = row_of(tmp_path, [*others, *own], [*clicks, *again])
    assert row["user_promotion_click_rate_30d"] == pytest.approx(RATE)
    assert row["show_promotion_click_rate_30d"] == pytest.approx(RATE)


def test_impressions_that_are_immature_or_unobserved_count_too(tmp_path):
    logs = write_some(
        tmp_path / "logs",
        [impression("unobserved", at(38, 23)), impression("immature", at(42, 1)), impression("i", at(40, 12))],
        [],
        last_day=42,
        missing=[39],
    )
    result = ingest_in_process(logs, tmp_path / "out")
    assert [row["impression_id"] for row in result.rows] == ["i"]
    assert result.rows[0]["user_promotion_shown_30d"] == 1


def test_seconds_since_the_last_impression_and_stream(tmp_path):
    shown = [
        impression("before", at(40, 10), show="t", source="ad"),
        impression("same show", at(39, 12)),
        impression("now", NOON),
    ]
    streams = [
        interaction("ends now", at(40, 11), "stream", listened_ms=HOUR_MS),
        interaction("other", at(40, 9), "stream", show="t", listened_ms=HOUR_MS),
        interaction("short", at(40, 8), "stream", listened_ms=1000),
    ]
    row = row_of(tmp_path, shown, streams)
    assert row["user_seconds_since_impression"] == 2 * 3600
    assert row["user_show_seconds_since_impression"] == 24 * 3600
    assert row["user_seconds_since_stream"] == 2 * 3600
    assert row["user_show_seconds_since_stream"] == 4 * 3600 - 1
    names = [name for name in row if "seconds_since" in name]
    first = row_of(tmp_path / "alone", [impression("old", at(10, 12, -1))])
    assert [first[name] for name in names] == [None] * 4


@pytest.mark.parametrize(("time", "today"), [(at(40, 0, -1), 0), (at(40), 1), (at(40, 12, -1), 1), (at(40, 12), 0)])
def test_impressions_today_are_those_since_midnight(tmp_path, time, today):
    assert row_of(tmp_path, [impression("j", time, source="ad", show="t")])["user_impressions_today"] == today


@pytest.mark.parametrize(
    ("time", "known"),
    [(at(40, 11.5, -1), 0), (at(40, 11.5), 1), (at(40, 12, -1), 1), (at(40, 12), 0), (at(40, 13), 0)],
)
def test_responses_known_in_the_thirty_minutes_before_count(tmp_path, time, known):
    row = row_of(tmp_path, [impression("j", at(40, 9), show="t")], [interaction("c", time, "click", show="t")])
    assert row["user_responses_30m"] == known
