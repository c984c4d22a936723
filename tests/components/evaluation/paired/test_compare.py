"""Two sides on the same rows and the same sources: what is compared with what."""

import numpy as np
import pytest

from components.evaluation.errors import EvaluationError
from components.evaluation.paired.compare import compare
from components.evaluation.paired.correction import tally
from components.evaluation.paired.measures import AP, LOG_LOSS
from components.evaluation.paired.slices import BY_SOURCE
from tests.components.evaluation.paired.simulated import scores_of

BOTH = ("promotion", "ad")
IDS = [f"i{number}" for number in range(6)]
KEYS = {
    "impression_id": IDS,
    "user_id": ["a", "a", "b", "b", "c", "c"],
    "source": ["promotion", "promotion", "ad", "ad", "promotion", "ad"],
    "less_streamed": [0, 1, 1, 1, 0, 1],
    "unseen_show": [1, 0, 0, 0, 1, 0],
    "label.stream": [1, 0, 1, 0, 0, 0],
}
JOINT = {"promotion_stream": ("stream", ("promotion",)), "ad_stream": ("stream", ("ad",))}


def _joint(**columns: list):
    values = {"candidate.promotion_stream": [0.6, 0.5, 0.9, 0.9, 0.1, 0.9]}
    values |= {"candidate.ad_stream": [0.9, 0.9, 0.2, 0.3, 0.9, 0.1]}
    return scores_of(KEYS | values | columns, JOINT)


def _single(head: str = "ad_stream", sources: tuple[str, ...] = BOTH, **columns: list):
    values = {f"candidate.{head}": [0.1, 0.2, 0.9, 0.1, 0.3, 0.2]}
    return scores_of(KEYS | values | columns, {head: ("stream", sources)})


def test_each_source_has_the_head_that_is_measured_there() -> None:
    rows = {row.slice: row for row in compare([_joint()], [_single()], measures=(AP,))}
    overall = rows["overall"]
    assert (overall.sources, overall.heads) == (BOTH, ("promotion_stream", "ad_stream"))
    assert overall.other_heads == ("ad_stream", "ad_stream")
    assert (overall.examples, overall.positives, overall.users) == (6, 2, 2)
    # Ours in order: 0.6 (positive), 0.5, 0.3, 0.2 (positive), ...: (1 + 2/4) / 2. Theirs: 0.9 (positive), 0.3, 0.2 and
    # 0.2, then 0.1 (positive) and 0.1 together at place 6: (1 + 2/6) / 2.
    assert overall.ours == pytest.approx(0.75)
    assert overall.theirs == pytest.approx(2 / 3)
    assert rows["source=ad"].heads == ("ad_stream",)
    assert rows["source=ad"].ours == pytest.approx(1 / 2)
    assert rows["source=ad"].theirs == pytest.approx(1)
    assert (rows["source=promotion, unseen_show=1"].examples, rows["source=promotion, unseen_show=1"].positives) == (
        2,
        1,
    )


def test_both_sides_have_the_same_sources() -> None:
    """The less-streamed slice of one side must not hold ads only, and the other's both sources."""
    rows = compare([_joint()], [_single(sources=("ad",))], measures=(AP,))
    assert {row.sources for row in rows} == {("ad",)}
    (less,) = (row for row in rows if row.slice == "less_streamed=1")
    assert (less.examples, less.positives) == (3, 1)


def test_rows_of_one_side_only_are_left_out() -> None:
    fewer = _single()
    fewer = type(fewer)(fewer.about, fewer.rows.filter(fewer.rows["impression_id"] != "i5"))
    rows = compare([_joint()], [fewer], measures=(AP,))
    assert rows[0].examples == 5
    none = type(fewer)(fewer.about, fewer.rows.clear())
    with pytest.raises(EvaluationError, match="no test row in common"):
        compare([_joint()], [none])


def test_other_outcomes_of_the_same_rows_are_an_error() -> None:
    with pytest.raises(EvaluationError, match="different outcomes of 'stream'"):
        compare([_joint()], [_single(**{"label.stream": [0, 0, 1, 0, 0, 0]})])


def test_scores_that_are_not_numbers_rank_last_and_have_no_log_loss() -> None:
    broken = _single(**{"candidate.ad_stream": [0.1, 0.2, float("nan"), 0.1, 0.3, 0.2]})
    ap, loss = compare([_joint()], [broken], slices=BY_SOURCE[:1], measures=(AP, LOG_LOSS))[-2:]
    assert ap.theirs == pytest.approx(1 / 3)
    assert loss.theirs is None and loss.ours is not None
    assert loss.broken and not ap.broken
    assert not loss.judged


def test_few_positives_or_users_are_marked_and_not_counted() -> None:
    rows = compare([_joint()], [_single()])
    assert not any(row.judged or row.q for row in rows)
    assert tally(rows).judged == 0


def _many(rng: np.random.Generator, noise: float):
    rows = 2_000
    signal = np.random.default_rng(0).normal(size=rows)
    return scores_of(
        {
            "impression_id": [f"i{number:05d}" for number in range(rows)],
            "user_id": [f"u{number % 400}" for number in range(rows)],
            "source": ["ad" if number % 3 else "promotion" for number in range(rows)],
            "label.stream": (signal + np.random.default_rng(1).normal(size=rows) > 2).astype(int).tolist(),
            "candidate.ad_stream": 1 / (1 + np.exp(-signal - noise * rng.normal(size=rows))),
        },
        {"ad_stream": ("stream", BOTH)},
        min_positives=20,
    )


def test_several_seeds_on_each_side_and_the_correction_for_many_cells() -> None:
    rng = np.random.default_rng(4)
    good, bad = [_many(rng, noise) for noise in (0.1, 0.3, 0.9)], [_many(rng, 2.0) for _ in range(3)]
    rows = compare(good, bad, measures=(AP,))
    by_slice = {row.slice: row for row in rows}
    overall = by_slice["overall"]
    assert overall.excludes_zero
    assert overall.relative > 0.2
    assert 0 < overall.seeds_share < 1
    counted = tally(rows)
    assert counted.judged == 6  # overall, both sources, tier 0, and tier 0 of both sources
    assert counted.by_chance == pytest.approx(0.3)
    assert all(row.q >= row.p for row in rows if row.judged)
    alike = tally(compare(good, [_many(rng, 0.3) for _ in range(3)], measures=(AP,)))
    assert alike.discoveries == 0
