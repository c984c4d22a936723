from collections import Counter
from datetime import date, datetime, timezone
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logs.adapters.kuairand import adapt_kuairand
from logs.adapters.kuairand_files import KEYS, OUTCOMES
from logs.schema import TABLES
from tests.logs.adapters.kuairand_csv import MIDNIGHT, STANDARD, Row, write_release

MINUTE = 60_000


def adapt(tmp_path: Path, *args: object, **kwargs: object) -> Path:
    adapt_kuairand(write_release(tmp_path / "source", *args, **kwargs), tmp_path / "logs")
    return tmp_path / "logs"


def rows(logs: Path, table: str) -> list[dict[str, object]]:
    """The rows of a table, day by day, without the folder's date."""
    files = sorted((logs / table).rglob("*.parquet"))
    return [row for path in files for row in pq.ParquetFile(path).read().to_pylist()]


def at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc)


def test_the_main_feed_is_a_promotion(tmp_path):
    assert rows(adapt(tmp_path, [{}]), "impressions") == [
        {
            "impression_id": f"7-3-{MIDNIGHT}-1",
            "timestamp": at(MIDNIGHT),
            "source": "promotion",
            "user_id": "7",
            "show_id": "50",
            "episode_id": "3",
            "surface": "1",
            "slot": "feed",
            "layout": "portrait",
            "device": "phone",
            "market": "CN",
            "session_position": 1,
            "campaign_id": None,
            "creative_id": None,
            "creative_format": None,
            "spend_micros": None,
        }
    ]


@pytest.mark.parametrize("tab", [0, 2, 14])
def test_every_other_tab_is_an_ad(tmp_path, tab):
    (row,) = rows(adapt(tmp_path, [{"tab": tab}]), "impressions")
    assert (row["source"], row["surface"], row["creative_id"], row["creative_format"]) == ("ad", str(tab), "3", "video")


def test_each_outcome_is_an_interaction_at_the_impressions_time(tmp_path):
    outcomes = {"long_view": 1, "is_click": 1, "is_like": 1, "is_follow": 1, "play_time_ms": 18_500}
    acted = rows(adapt(tmp_path, [outcomes]), "interactions")
    assert {row["kind"]: row["listened_ms"] for row in acted} == {
        "stream": 18_500,
        **dict.fromkeys(("click", "like", "follow")),
    }
    for row in acted:
        assert row["impression_id"] == f"7-3-{MIDNIGHT}-1"
        assert row["interaction_id"] == f"7-3-{MIDNIGHT}-1-{row['kind']}"
        assert (row["timestamp"], row["user_id"], row["show_id"], row["episode_id"]) == (at(MIDNIGHT), "7", "50", "3")


def test_a_view_that_is_not_long_is_no_stream(tmp_path):
    assert rows(adapt(tmp_path, [{"play_time_ms": 17_000}, {"user_id": 8, "long_view": 1}]), "interactions") == [
        {
            "interaction_id": f"8-3-{MIDNIGHT}-1-stream",
            "timestamp": at(MIDNIGHT),
            "user_id": "8",
            "show_id": "50",
            "episode_id": "3",
            "kind": "stream",
            "listened_ms": 0,
            "impression_id": f"8-3-{MIDNIGHT}-1",
        }
    ]


def test_repeated_impressions_stay_in_file_order_and_only_the_first_has_outcomes(tmp_path):
    logs = adapt(
        tmp_path,
        [{"is_click": 0, "long_view": 1, "play_time_ms": 20_000}, {"user_id": 8}, {"is_click": 1, "long_view": 1}],
    )
    assert [row["user_id"] for row in rows(logs, "impressions")] == ["7", "8", "7"]
    assert [(row["kind"], row["listened_ms"]) for row in rows(logs, "interactions")] == [("stream", 20_000)]


EARLIER = "log_standard_4_08_to_4_21_pure.csv"


def test_all_standard_files_are_read_in_the_order_of_their_names(tmp_path):
    logs = adapt(tmp_path, {STANDARD: [{"is_like": 1}], EARLIER: [{"is_click": 1}]})
    assert len(rows(logs, "impressions")) == 2
    assert [row["kind"] for row in rows(logs, "interactions")] == ["click"]


def test_videos_shown_at_random_are_left_out(tmp_path):
    shown = [{"user_id": 8, "is_rand": 1, "is_click": 1}, {"user_id": 7}]
    logs = adapt(tmp_path, {STANDARD: shown, "log_random_4_22_to_5_08_pure.csv": [{"user_id": 9}]})
    assert [row["user_id"] for row in rows(logs, "impressions")] == ["7"]
    assert rows(logs, "interactions") == []


def test_days_are_utc_and_every_day_has_both_tables(tmp_path):
    logs = adapt(tmp_path, [{"time_ms": MIDNIGHT - 1, "is_click": 1}, {"time_ms": MIDNIGHT}])
    for table in ("impressions", "interactions"):
        assert sorted(path.name for path in (logs / table).iterdir()) == ["date=2022-04-24", "date=2022-04-25"]
    assert rows(logs, "impressions")[0]["timestamp"] == at(MIDNIGHT - 1)


def test_snapshots_hold_from_the_first_day_on(tmp_path):
    logs = adapt(tmp_path, [{"time_ms": MIDNIGHT}, {"time_ms": MIDNIGHT - 1}])
    for table in ("users", "shows"):
        assert [path.name for path in (logs / table).iterdir()] == ["date=2022-04-24"]


def test_a_session_ends_with_a_pause_of_half_an_hour(tmp_path):
    shown = [
        {"time_ms": MIDNIGHT + 30 * MINUTE},  # the file need not be sorted
        {"time_ms": MIDNIGHT},
        {"time_ms": MIDNIGHT + 1},
        {"time_ms": MIDNIGHT + 1},  # repeated
        {"time_ms": MIDNIGHT + 60 * MINUTE},
        {"time_ms": MIDNIGHT + 5 * MINUTE, "user_id": 8},
    ]
    positions = [row["session_position"] for row in rows(adapt(tmp_path, shown), "impressions")]
    assert positions == [3, 1, 2, 2, 1, 1]


def test_users_keep_their_official_columns(tmp_path):
    (row,) = rows(adapt(tmp_path, [{}]), "users")
    assert (row["user_id"], row["account_age_days"], row["follow_user_num"]) == ("7", 231, 8)
    assert (row["user_active_degree"], row["is_live_streamer"], row["onehot_feat12"]) == ("full_active", "-124", "1")


def test_shows_gather_the_videos_of_an_author(tmp_path):
    videos = [
        {"tag": "12,3"},
        {"video_id": 4, "tag": "3,39", "upload_dt": "2022-04-09"},
        {"video_id": 5, "author_id": 51, "tag": None},
    ]
    first, second = rows(adapt(tmp_path, [{}], videos=videos), "shows")
    assert first["genres"] == ["12", "3", "39"]
    assert first["release_date"] == date(2022, 4, 9)
    assert (second["show_id"], second["genres"]) == ("51", [])


def test_episodes_have_columns_for_the_creative_features(tmp_path):
    videos = [{}, {"video_id": 4, "video_duration": None, "server_width": 0, "music_id": 0, "music_type": None}]
    first, second = rows(adapt(tmp_path, [{}], videos=videos), "episodes")
    assert first == {
        "episode_id": "3",
        "show_id": "50",
        "release_timestamp": datetime(2022, 4, 9, 16, tzinfo=timezone.utc),  # midnight in China
        "duration_ms": 20_000,
        "video_type": "NORMAL",
        "upload_type": "Web",
        "aspect_ratio": 0.5625,
        "music_id": "99",
        "music_type": "9",
    }
    assert [second[name] for name in ("duration_ms", "aspect_ratio", "music_id", "music_type")] == [None] * 4


@pytest.mark.parametrize(
    ("width", "height", "layout"),
    [(720, 1280, "portrait"), (1280, 720, "landscape"), (960, 960, "square"), (0, 720, "unknown")],
)
def test_layout_is_the_videos_shape(tmp_path, width, height, layout):
    videos = [{"server_width": width, "server_height": height}]
    assert rows(adapt(tmp_path, [{}], videos=videos), "impressions")[0]["layout"] == layout


def test_a_video_without_features_leaves_the_show_to_quarantine(tmp_path):
    logs = adapt(tmp_path, [{"video_id": 999, "is_click": 1}])
    assert rows(logs, "impressions")[0]["show_id"] is None
    assert rows(logs, "interactions")[0]["show_id"] is None


def test_written_tables_have_the_contracts_types(tmp_path):
    logs = adapt(tmp_path, [{"is_click": 1}])
    for name, table in TABLES.items():
        for path in (logs / name).rglob("*.parquet"):
            schema = pq.read_schema(path)
            assert [schema.field(column.name).type for column in table.columns] == [c.type for c in table.columns]
            assert not set(schema.names) & {*OUTCOMES.values(), "play_time_ms"}, "outcomes are never features"


def test_gzipped_files_give_the_same_logs(tmp_path):
    logs = adapt(tmp_path / "plain", [{"is_click": 1}])
    zipped = adapt(tmp_path / "zipped", [{"is_click": 1}], suffix=".gz")
    for table in TABLES:
        assert rows(logs, table) == rows(zipped, table)


def test_progress_and_counts_are_reported(tmp_path):
    messages: list[str] = []
    source = write_release(tmp_path / "source", [{"is_click": 1}, {}])
    counts = adapt_kuairand(source, tmp_path / "logs", messages.append)
    assert counts == {"impressions": 2, "interactions": 1, "users": 1, "shows": 1, "episodes": 1}
    assert messages[0] == f"read {STANDARD}: 2 rows"
    assert "2 impressions" in messages[-1]


_LOG_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            **{name: st.integers(0, 1) for name in ("user_id", "tab", *OUTCOMES.values())},
            "video_id": st.sampled_from([3, 4]),
            "time_ms": st.sampled_from([MIDNIGHT - 1, MIDNIGHT, MIDNIGHT + MINUTE]),
        }
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=25)
@given(_LOG_ROWS)
def test_interactions_are_the_outcomes_of_the_first_row_of_each_id(tmp_path_factory, log: list[Row]):
    kept: dict[tuple[object, ...], Row] = {}
    for row in log:
        kept.setdefault(tuple(row[key] for key in KEYS), row)
    logs = adapt(tmp_path_factory.mktemp("law"), log, videos=[{}, {"video_id": 4}])
    acted = Counter((row["impression_id"], row["kind"]) for row in rows(logs, "interactions"))
    assert acted == Counter(
        ("-".join(map(str, key)), kind) for key, row in kept.items() for kind, name in OUTCOMES.items() if row[name]
    )
    assert [row["impression_id"] for row in rows(logs, "impressions")] == [
        "-".join(str(row[key]) for key in KEYS) for row in sorted(log, key=lambda row: row["time_ms"] >= MIDNIGHT)
    ]
