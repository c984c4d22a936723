from datetime import timedelta

import polars as pl
import pytest

from experiments.ab.analyze.analysis import analyze
from experiments.ab.analyze.guardrails import guardrail
from experiments.ab.analyze.results import Analysis, ChangeRow
from experiments.ab.errors import ExperimentError
from experiments.ab.measures.arms import ab_test_of
from tests.experiments.ab.made_days import heavy_tailed, user_days

DAY = timedelta(days=1)


def row_of(analysis: Analysis, metric: str, segment: str = "all") -> ChangeRow:
    (row,) = [row for row in analysis.changes if (row.metric, row.segment) == (metric, segment)]
    return row


@pytest.fixture(scope="module")
def planted() -> Analysis:
    """Twice the streams in the treatment, from the fifth of eight days on."""
    test = ab_test_of(heavy_tailed(lift=2.0), DAY)
    return analyze(test, guardrails=[guardrail("i2s>=0%"), guardrail("eCPS<=-60%"), guardrail("CTR>=-1%")])


def test_a_planted_effect_is_found_in_every_metric_that_has_it(planted: Analysis):
    for segment in ("all", "less-streamed", "tier 0"):
        for metric, truth in {"i2s": 1.0, "eCPS": -0.5}.items():
            row = row_of(planted, metric, segment)
            assert row.low < truth < row.high
            assert row.judged
    assert row_of(planted, "i2s").sure
    assert row_of(planted, "eCPS").sure
    assert row_of(planted, "CTR").low < 0 < row_of(planted, "CTR").high
    assert row_of(planted, "i2s").control_value == pytest.approx(2 / 22, rel=0.2)


def test_the_tables_are_those_of_the_publication(planted: Analysis):
    shown = {(row.segment, row.metric) for row in planted.changes}
    assert {("less-streamed", "streams"), ("all", "CTR"), ("tier 7", "i2s"), ("tier 0", "eCPS")} < shown
    assert len(shown) == len(planted.changes) == 2 * 4 + 8 * 2


def test_guardrails(planted: Analysis):
    assert [row.verdict for row in planted.guardrails] == ["holds", "broken", "open"]
    assert [row.guardrail.metric for row in planted.broken] == ["eCPS"]


def test_checks_find_nothing_in_a_fair_split(planted: Analysis):
    assert [check.check for check in planted.checks] == [
        "users, as planned",
        "spend per user, treatment",
        "impressions per user, treatment",
    ]
    assert all(check.fine for check in planted.checks)


def test_looks_end_with_the_last_day_and_find_the_effect(planted: Analysis):
    looks = [look for look in planted.looks if (look.segment, look.metric) == ("all", "i2s")]
    assert [look.day for look in looks] == [planted.start + number * DAY for number in range(4)]
    assert looks[-1].p_value < 0.05
    plain = row_of(planted, "i2s")
    assert looks[-1].change == pytest.approx(plain.change)
    assert looks[-1].low < plain.low < plain.high < looks[-1].high, "who may look early pays with a wider interval"


def test_holm_by_hand():
    """Two judged figures with p-values p < q: corrected to 2 p and max(2 p, q)."""
    rows = [(f"u{n}", "treatment" if n % 2 else "control", 0, 7, 1, 10, float(n % 3 == 0), 0, 0) for n in range(600)]
    analysis = analyze(ab_test_of(user_days(*rows), DAY))
    judged = sorted([row for row in analysis.changes if row.judged], key=lambda row: row.p_value)
    assert {row.metric for row in judged} == {"i2s", "streams"}, "there are no clicks and no spend"
    count = len(judged)
    expected, largest = [], 0.0
    for place, row in enumerate(judged):
        largest = max(largest, min(1, (count - place) * row.p_value))
        expected.append(largest)
    assert sorted(row.p_holm for row in judged) == pytest.approx(expected)


def test_an_unfair_split_is_a_mismatch():
    rows = heavy_tailed(users=1500)
    lost = [f"u{number}" for number in range(0, 1500, 3)]
    unfair = rows.filter(~((rows["arm"] == "treatment") & rows["user_id"].is_in(lost)).fill_null(False))
    users, *_ = analyze(ab_test_of(unfair, DAY)).checks
    assert (users.check, users.fine) == ("users, as planned", False)
    arms = analyze(ab_test_of(unfair, DAY)).arms
    by_arm = {arm.arm: float(arm.users) for arm in arms}
    assert analyze(ab_test_of(unfair, DAY), by_arm).checks[0].fine, "with these planned shares, it would be fine"


def test_an_arm_that_spends_more_is_a_mismatch():
    rows = heavy_tailed(users=4000)
    dear = rows.with_columns(spend=rows["spend"] * (1 + (rows["arm"] == "treatment").fill_null(False).cast(float)))
    spend = analyze(ab_test_of(dear, DAY)).checks[1]
    assert spend.change == pytest.approx(1, abs=0.5)
    assert not spend.fine


def test_without_days_before_and_without_cuped():
    test = ab_test_of(heavy_tailed(first_day=0), DAY)
    assert analyze(test).before_days == 0
    adjusted = ab_test_of(heavy_tailed(), DAY)
    plain, cuped = analyze(adjusted, cuped=False), analyze(adjusted)
    assert (plain.before_days, cuped.before_days) == (0, 3)
    assert row_of(plain, "streams").cuped_cut is None
    assert row_of(cuped, "streams").cuped_cut > 0.3, "activity lasts"


def test_three_arms_each_against_the_control():
    rows = heavy_tailed(users=600)
    other = pl.col("arm").is_not_null() & pl.col("user_id").str.ends_with("1")
    merged = rows.with_columns(arm=pl.when(other).then(pl.lit("other")).otherwise("arm"))
    analysis = analyze(ab_test_of(merged, DAY))
    assert {row.arm for row in analysis.changes} == {"other", "treatment"}
    assert len(analysis.changes) == 48
    assert [arm.arm for arm in analysis.arms] == ["control", "other", "treatment"]


def test_planned_shares_name_the_arms():
    with pytest.raises(ExperimentError, match="name every arm once: control, treatment"):
        analyze(ab_test_of(heavy_tailed(users=100), DAY), {"control": 0.5, "other": 0.5})
