"""Sources, labels and kinds are configuration: logs with a source `email` and a kind `save` need no code."""

import pytest

from logs.errors import LogError
from tests.components.ingestion.in_process import ingest_in_process
from tests.components.ingestion.some_logs import at, impression, interaction, write_some
from transforms.domain import DEFAULT_LABELS, DEFAULT_SOURCES, Domain, Label
from transforms.feature import Feature
from transforms.features import FEATURES, built_in_features

WIDER = Domain(
    sources=(*DEFAULT_SOURCES, "email"),
    labels=DEFAULT_LABELS
    | {"save": Label(kind="save", window_hours=48), "streams": Label(kind="stream", min_stream_seconds=600)},
)


def count(name: str, per: str = "candidate") -> Feature:
    return Feature(name=name, group="user", kind="numeric", column=f"derived.{name}", per=per)


SAVES = (count("user_save_count_30d", "request"), count("user_show_save_count_30d"))


@pytest.fixture
def logs(tmp_path):
    shown = [impression("e", at(40, 12), source="email"), impression("p", at(40, 13), show="t")]
    acts = [
        interaction("a", at(10, 12), "save"),  # 30 days before e, to the microsecond
        interaction("b", at(10, 12, -1), "save"),
        interaction("c", at(20), "save", show="t"),
        interaction("d", at(21), "save", user="v"),
        interaction("f", at(41, 13), "save"),  # 25 hours after e
        interaction("g", at(40, 14), "stream", listened_ms=599_999),
        interaction("h", at(40, 15), "stream", show="t", listened_ms=600_000),
    ]
    return write_some(tmp_path / "logs", shown, acts, last_day=43)


def test_a_new_source_and_a_new_kind_are_labelled_and_counted(logs, tmp_path):
    result = ingest_in_process(logs, tmp_path / "out", features=(*FEATURES, *SAVES), domain=WIDER)
    rows = {row["impression_id"]: row for row in result.rows}
    assert result.quarantine == []
    assert [rows["e"][label] for label in WIDER.labels] == [1, 0, 0, 0, 1, 0]
    assert [rows["p"][label] for label in WIDER.labels] == [1, 0, 0, 0, 0, 1]
    assert [(row["source"], row["user_save_count_30d"], row["user_show_save_count_30d"]) for row in rows.values()] == [
        ("email", 2, 1),
        ("promotion", 1, 1),
    ]
    assert result.accounting.days["2026-02-10"].labelled == {"email": 1, "promotion": 1}
    assert result.accounting.outcomes == {"direct": 0, "last_touch": 3, "organic": 4, "not_qualifying": 0}


def test_the_longest_window_is_that_of_any_label(logs, tmp_path):
    shown = [impression("i", at(1)), impression("j", at(1, 0, 1))]
    short = write_some(tmp_path / "short", shown, [], last_day=2)
    result = ingest_in_process(short, tmp_path / "out", domain=WIDER)
    assert [row["impression_id"] for row in result.rows] == ["i"]


def test_without_the_declaration_both_are_quarantined(logs, tmp_path):
    result = ingest_in_process(logs, tmp_path / "out")
    assert result.accounting.tables["impressions"].quarantined["unknown_source"] == 1
    assert result.accounting.tables["interactions"].quarantined["unknown_kind"] == 5
    with pytest.raises(LogError, match=r"no derived column 'user_save_count_30d'; .* user_show_search_count_30d"):
        ingest_in_process(logs, tmp_path / "again", features=SAVES)


def test_a_stream_is_counted_from_its_end_and_a_search_without_a_show_for_the_user_alone(tmp_path):
    shown = impression("i", at(40, 12))
    acts = [
        interaction("a", at(40, 11), "stream", listened_ms=3_600_000),  # ends with the impression
        interaction("b", at(40, 10), "stream", listened_ms=3_600_000),
        interaction("c", at(30), "search", show=None),
        interaction("d", at(30), "search"),
    ]
    logs = write_some(tmp_path / "logs", [shown], acts, last_day=42)
    names = [f"{prefix}_{kind}_count_30d" for kind in ("stream", "search") for prefix in ("user", "user_show")]
    (row,) = ingest_in_process(logs, tmp_path / "out", features=tuple(count(name) for name in names)).rows
    assert [row[name] for name in names] == [1, 1, 2, 1]


def test_a_count_that_two_kinds_could_mean_is_refused(tmp_path):
    domain = Domain(labels=DEFAULT_LABELS | {kind: Label(kind=kind) for kind in ("save", "show_save")})
    logs = write_some(tmp_path / "logs", [], [], last_day=1)
    with pytest.raises(LogError, match=r"derived\.user_show_save_count_30d could count save or show_save; rename"):
        ingest_in_process(logs, tmp_path / "out", features=SAVES, domain=domain)


def test_a_label_may_have_the_name_of_any_column_of_ingestions_own(tmp_path):
    names = ("streams", "followers", "tier_hours", "listened_ms", "chunk", "row", "day", "user", "pair")
    domain = Domain(labels=DEFAULT_LABELS | {name: Label(kind="click") for name in names})
    shown = [impression("i", at(0, 1), spend_micros=5)]
    logs = write_some(tmp_path / "logs", shown, [interaction("x", at(0, 2), "click")], last_day=2)
    plain = ingest_in_process(logs, tmp_path / "plain").rows[0]
    (row,) = ingest_in_process(logs, tmp_path / "out", domain=domain).rows
    assert row == plain | dict.fromkeys(names, 1)


def test_a_default_kind_may_be_left_out(tmp_path):
    domain = Domain(labels={"stream": Label(kind="stream")})
    shown = [impression("i", at(0, 5))]
    acts = [interaction("x", at(0, 1), "follow"), interaction("y", at(0, 1), "stream", listened_ms=1)]
    logs = write_some(tmp_path / "logs", shown, acts, last_day=2)
    result = ingest_in_process(logs, tmp_path / "out", features=built_in_features(domain), domain=domain)
    (row,) = result.rows
    assert (row["user_follows_30d"], row["user_show_follows_30d"], row["show_followers_30d"]) == (0, 0, 0)
    assert row["user_streams_30d"] == 1
    assert "follow" not in row
    assert result.quarantine == [("interactions", "x", "unknown_kind")]


def test_a_label_and_a_source_of_the_config_get_their_response_history(tmp_path):
    shown = [
        impression("i", at(40, 12), source="email"),
        *(impression(f"e{number}", at(39, number), source="email") for number in range(4)),
        impression("p", at(39, 5)),
    ]
    acts = [
        interaction("a", at(39, 1, 1), "save", impression_id="e0"),
        interaction("b", at(39, 6), "save", impression_id="p"),
        interaction("c", at(39, 1, 2), "save", user="v", impression_id="e1"),  # another user's: organic
        interaction("d", at(39, 7), "stream", listened_ms=60_000, impression_id="e1"),
    ]
    logs = write_some(tmp_path / "logs", shown, acts, last_day=43)
    rows = ingest_in_process(logs, tmp_path / "out", features=built_in_features(WIDER), domain=WIDER).rows
    row = next(row for row in rows if row["impression_id"] == "i")
    assert (row["user_email_shown_30d"], row["show_email_shown_30d"], row["user_promotion_shown_30d"]) == (4, 4, 1)
    assert row["user_email_save_rate_30d"] == pytest.approx(0, abs=1e-7), "the user is the whole source"
    assert row["user_email_stream_rate_30d"] == pytest.approx(0, abs=1e-7)
    assert (row["user_email_click_rate_30d"], row["user_promotion_save_rate_30d"]) == (None, None)
    names = {name for name in row if name.startswith("user_email_")}
    assert names == {"user_email_shown_30d", *(f"user_email_{kind}_rate_30d" for kind in WIDER.response_kinds)}
    assert len(WIDER.response_kinds) == 5, "two labels of one kind have one response"
