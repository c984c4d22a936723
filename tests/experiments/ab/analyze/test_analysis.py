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


def one_day(users: int) -> pl.DataFrame:
    """Half the users of either arm stream once, the same half clicks, and each costs 1 or 2 for three impressions."""
    return user_days(
        *[(f"u{n}", "treatment" if n % 2 else "control", 0, 7, 1, 3, n // 2 % 2, n // 2 % 2, 1 + n // 4 % 2)
          for n in range(users)]
    )  # fmt: skip


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
    rest = rows.filter(~((rows["arm"] == "treatment") & rows["user_id"].is_in(lost)).fill_null(False))
    unfair = ab_test_of(rest, DAY)
    analysis = analyze(unfair)
    assert (analysis.checks[0].check, analysis.checks[0].fine) == ("users, as planned", False)
    by_arm = {arm.arm: float(arm.users) for arm in analysis.arms}
    assert analyze(unfair, by_arm).checks[0].fine, "with these planned shares, it would be fine"


def test_an_arm_that_spends_more_is_a_mismatch():
    rows = heavy_tailed(users=1500)
    dear = rows.with_columns(spend=rows["spend"] * (1 + (rows["arm"] == "treatment").fill_null(False).cast(float)))
    spend = analyze(ab_test_of(dear, DAY)).checks[1]
    assert spend.change == pytest.approx(1, abs=0.5)
    assert not spend.fine


@pytest.mark.parametrize("empty", ["control", "treatment"])
def test_an_arm_that_spends_nothing_is_a_mismatch(empty: str):
    rows = one_day(100).with_columns(spend=pl.when(pl.col("arm") == empty).then(0.0).otherwise("spend"))
    users, spend, _ = analyze(ab_test_of(rows, DAY)).checks
    assert (users.fine, spend.fine) == (True, False)
    assert spend.change == (-1 if empty == "treatment" else None)


def test_a_treatment_that_kills_all_streams_is_worse_and_breaks_its_guardrails():
    rows = one_day(400)
    dead = rows.with_columns(stream=pl.when(pl.col("arm") == "treatment").then(0.0).otherwise("stream"))
    bounds = [guardrail("i2s>=-50%"), guardrail("eCPS<=100%"), guardrail("CTR>=-50%")]
    analysis = analyze(ab_test_of(dead, DAY), guardrails=bounds)
    assert [row.verdict for row in analysis.guardrails] == ["broken", "broken", "holds"]
    assert row_of(analysis, "i2s").change == -1
    assert row_of(analysis, "i2s").sure
    assert row_of(analysis, "eCPS").sure


def test_few_users_are_not_judged_however_many_streams_they_have():
    rows = one_day(8).with_columns(pl.col("impressions", "stream", "click") * 100)
    analysis = analyze(ab_test_of(rows, DAY), guardrails=[guardrail("i2s>=50%")])
    assert not any(row.judged for row in analysis.changes)
    assert [row.verdict for row in analysis.guardrails] == ["open"]


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
    with pytest.raises(
        ExperimentError, match=r"every arm once: control, treatment; nobody in these days has .* 'other'"
    ):
        analyze(ab_test_of(heavy_tailed(users=100), DAY), {"control": 0.5, "other": 0.5})
