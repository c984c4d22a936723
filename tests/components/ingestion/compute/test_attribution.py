"""Attribution cases worked out by hand (docs/data.md#labels)."""

import numpy as np
import polars as pl
import pytest

from components.ingestion.compute.attribution import OUTCOMES, attribute
from transforms.domain import DEFAULT_LABELS, Domain, Label

HOUR = 3_600_000_000
DAY = 24 * HOUR


def run(impressions, interactions, **labels):
    """Outcomes, ids of the impressions, and first letters of the labels by impression.

    Impressions are (id, pair, time), interactions (kind, pair, time, listened_ms, named impression); `labels` replace
    or join the default ones.
    """
    domain = Domain(labels=DEFAULT_LABELS | labels)
    shown = pl.DataFrame(
        impressions, schema={"impression_id": pl.String, "pair": pl.Int64, "timestamp": pl.Int64}, orient="row"
    )
    schema = {
        "kind": pl.String,
        "pair": pl.Int64,
        "timestamp": pl.Int64,
        "listened_ms": pl.Int64,
        "impression_id": pl.String,
    }
    acts = pl.DataFrame(interactions, schema=schema, orient="row").with_columns(
        pl.col("kind").cast(pl.Enum(domain.kinds)).to_physical()
    )
    result = attribute(shown, acts, domain)
    names = [None if at < 0 else shown["impression_id"][int(at)] for at in result.impression]
    letters = {
        name: "".join(label[0] for label in domain.labels if result.labels[label][at])
        for at, name in enumerate(shown["impression_id"])
    }
    return [OUTCOMES[outcome] for outcome in result.outcome], names, letters


@pytest.mark.parametrize(
    ("time", "outcome"),
    [(-1, "organic"), (0, "last_touch"), (DAY - 1, "last_touch"), (DAY, "organic")],
)
def test_the_window_holds_its_first_moment_and_not_its_last(time, outcome):
    outcomes, _, labels = run([("i", 1, 0)], [("click", 1, time, None, None)])
    assert outcomes == [outcome]
    assert labels == {"i": "c" if outcome == "last_touch" else ""}


def test_each_kind_has_its_own_window():
    acts = [("stream", 1, 3 * HOUR, 60_000, None), ("like", 1, 3 * HOUR, None, None)]
    outcomes, _, labels = run([("i", 1, 0)], acts, stream=Label(kind="stream", window_hours=2))
    assert outcomes == ["organic", "last_touch"]
    assert labels == {"i": "l"}


@pytest.mark.parametrize(("hours", "outcome"), [(24, "last_touch"), (1, "organic")])
def test_a_label_of_a_new_kind_has_its_window(hours, outcome):
    outcomes, _, labels = run(
        [("i", 1, 0)], [("save", 1, HOUR, None, None)], kept=Label(kind="save", window_hours=hours)
    )
    assert outcomes == [outcome]
    assert labels == {"i": "k" if outcome == "last_touch" else ""}


@pytest.mark.parametrize(
    ("lengths", "outcomes", "letters"),
    [
        ([59_999], ["not_qualifying"], ""),
        ([60_000], ["last_touch"], "s"),
        ([599_999, 1], ["last_touch", "not_qualifying"], "s"),
        ([600_000], ["last_touch"], "sx"),
    ],
)
def test_labels_of_one_kind_accept_streams_of_their_own_lengths(lengths, outcomes, letters):
    acts = [("stream", 1, 1, length, None) for length in lengths]
    longer = Label(kind="stream", min_stream_seconds=600)
    assert run([("i", 1, 0)], acts, xlong=longer) == (
        outcomes,
        ["i" if o != "not_qualifying" else None for o in outcomes],
        {"i": letters},
    )


def test_a_shorter_stream_qualifies_if_any_label_accepts_it():
    shorter = Label(kind="stream", min_stream_seconds=1)
    assert run([("i", 1, 0)], [("stream", 1, 1, 1_000, None)], xshort=shorter) == (["last_touch"], ["i"], {"i": "x"})


def test_a_kind_that_makes_no_label_never_qualifies():
    domain = Domain(labels={"stream": Label(kind="stream")})
    shown = pl.DataFrame({"impression_id": ["i"], "pair": [1], "timestamp": [0]})
    act = {"kind": [domain.kind_code("search")], "pair": [1], "timestamp": [1], "listened_ms": [99_000]}
    result = attribute(shown, pl.DataFrame(act).with_columns(impression_id=pl.lit("i")), domain)
    (counts,) = result.counts_by_day(np.array([1])).values()
    assert counts == {"direct": 0, "last_touch": 0, "organic": 0, "not_qualifying": 1}


def test_last_touch_is_the_latest_impression_before_whatever_its_source():
    impressions = [("promotion", 1, 0), ("ad", 1, 2 * HOUR), ("later", 1, 4 * HOUR), ("other", 2, 3 * HOUR)]
    assert run(impressions, [("follow", 1, 3 * HOUR, None, None)])[1] == ["ad"]


def test_of_impressions_at_the_same_time_the_greater_id_is_touched():
    for names in (["i10", "i9"], ["i9", "i10"]):
        assert run([(name, 1, 5) for name in names], [("like", 1, 5, None, None)])[1] == ["i9"]


def test_a_named_impression_wins_over_a_later_one():
    outcomes, names, labels = run([("a", 1, 0), ("b", 1, HOUR)], [("click", 1, 2 * HOUR, None, "a")])
    assert (outcomes, names) == (["direct"], ["a"])
    assert labels == {"a": "c", "b": ""}


@pytest.mark.parametrize("named", ["unknown", "other pair", "later", "too long ago"])
def test_an_interaction_that_names_an_impossible_impression_falls_back_to_last_touch(named):
    impressions = [("too long ago", 1, 0), ("b", 1, 2 * DAY), ("other pair", 2, 2 * DAY), ("later", 1, 2 * DAY + HOUR)]
    outcomes, names, _ = run(impressions, [("click", 1, 2 * DAY + 1, None, named)])
    assert (outcomes, names) == (["last_touch"], ["b"])


def test_naming_an_impression_after_its_window_leaves_an_interaction_organic():
    outcomes, names, labels = run([("a", 1, 0), ("b", 1, HOUR)], [("click", 1, HOUR + DAY, None, "a")])
    assert (outcomes, names) == (["organic"], [None])
    assert labels == {"a": "", "b": ""}


def test_an_earlier_impression_with_an_open_window_gets_nothing():
    _, names, labels = run([("a", 1, 0), ("b", 1, HOUR)], [("stream", 1, DAY - 1, 60_000, None)])
    assert names == ["b"]
    assert labels == {"a": "", "b": "s"}


def test_nothing_is_counted_twice():
    acts = [("click", 1, 2 * HOUR, None, "a"), ("click", 1, 2 * HOUR, None, None)]
    outcomes, names, labels = run([("a", 1, 0), ("b", 1, HOUR)], acts)
    assert outcomes == ["direct", "last_touch"]
    assert names == ["a", "b"]
    assert labels == {"a": "c", "b": "c"}


@pytest.mark.parametrize(("listened", "outcome"), [(59_999, "not_qualifying"), (60_000, "last_touch")])
def test_a_stream_of_sixty_seconds_qualifies(listened, outcome):
    assert run([("i", 1, 0)], [("stream", 1, 1, listened, None)])[0] == [outcome]


def test_searches_never_qualify_with_or_without_a_show():
    acts = [("search", 1, 1, None, "i"), ("search", -1, 1, None, None)]
    outcomes, _, labels = run([("i", 1, 0)], acts)
    assert outcomes == ["not_qualifying", "not_qualifying"]
    assert labels == {"i": ""}


def test_without_impressions_all_is_organic():
    assert run([], [("click", 1, 1, None, "i")])[0] == ["organic"]
