"""The comparison with the last blessed model, by the paired difference on the same rows."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score

from components.evaluation.blessing import verdicts
from components.evaluation.conditions import Condition, Selection
from components.evaluation.figure import Figure
from components.evaluation.kept import Changes, columns_of, judge_kept
from components.evaluation.paired.compare import compare
from components.evaluation.paired.measures import AP
from components.evaluation.paired.slices import BY_SOURCE
from components.evaluation.scores import About, Scores, read_about, read_scores
from components.evaluation.settings import EvaluatedHead
from components.evaluation.verdict import verdict, write_verdicts
from tests.components.report.artifacts import write_scores

HEAD = EvaluatedHead("ad_stream", "stream", ("ad",))
ADS = Selection("ad_stream", ("ad",))


def both(users: int = 200, rows: int = 3000) -> Scores:
    """A model beside a last blessed one that is better, on the same rows."""
    random = np.random.default_rng(5)
    truth = random.beta(1, 5, rows)
    frame = pl.DataFrame(
        {
            "impression_id": [f"i{number:05}" for number in range(rows)],
            "user_id": [f"u{user}" for user in random.integers(0, users, rows)],
            "source": np.where(random.random(rows) < 0.7, "ad", "promotion"),
            "stream_tier": random.integers(0, 8, rows).astype(np.int8),
            "label.stream": (random.random(rows) < truth).astype(np.int8),
            "candidate.ad_stream": (0.4 * truth + 0.6 * random.random(rows)).astype(np.float32),
            "baseline.ad_stream": (0.7 * truth + 0.3 * random.random(rows)).astype(np.float32),
        }
    )
    return Scores(About((HEAD,), ("promotion", "ad"), 5), frame)


def test_the_difference_is_that_of_the_paired_comparison():
    ours = both()
    (row,) = compare([ours], [ours.last_blessed], BY_SOURCE, (AP,))
    assert Changes(ours).of(ADS) == pytest.approx((row.difference, row.low, row.high))


def test_only_the_rows_of_the_tiers_count():
    scores = both()
    changes = Changes(scores)
    whole = changes.of(ADS)
    change = changes.of(ADS._replace(tiers=(3, 4)))
    rows = scores.rows.filter(pl.col("stream_tier").is_in([3, 4]), source="ad")
    first, second = (
        average_precision_score(rows["label.stream"], rows[f"{name}.ad_stream"]) for name in ("candidate", "baseline")
    )
    assert change is not None
    assert change.difference == pytest.approx(first - second)
    assert change.low < change.difference < change.high
    assert changes.of(ADS) == whole


def test_each_head_has_its_own_scores_and_label():
    scores = both()
    click = EvaluatedHead("click", "click", ("ad",))
    about = About((HEAD, click), scores.about.sources, 5)
    copied = {
        "label.click": "label.stream",
        "candidate.click": "baseline.ad_stream",
        "baseline.click": "candidate.ad_stream",
    }
    changes = Changes(Scores(about, scores.rows.with_columns(pl.col(old).alias(new) for new, old in copied.items())))
    first, swapped = changes.of(ADS), changes.of(ADS._replace(head="click"))
    assert swapped.difference == pytest.approx(-first.difference)
    assert columns_of(about, ["click"]) == [
        *("user_id", "source", "stream_tier", "label.click", "candidate.click", "baseline.click")
    ]


def test_the_verdicts_are_written_anew_from_the_few_columns_that_they_need(tmp_path: Path):
    scores = both()
    scores = Scores(scores.about, scores.rows.with_columns(pl.lit(None, pl.Int8).alias("unseen_show")))
    aps = [
        average_precision_score(*scores.rows.filter(source="ad")["label.stream", f"{model}.ad_stream"])
        for model in ("candidate", "baseline")
    ]
    candidate, baseline = (
        Figure(ap, None, None, positives=300, examples=2100, base_rate=0.15, judged=True, exact=True, broken=0)
        for ap in aps
    )
    condition = Condition(kind="kept", head="ad_stream", sources=("ad",), max_relative_drop=0.01)
    write_verdicts(str(tmp_path), [verdict(condition, candidate, baseline)])
    uri = write_scores(scores, tmp_path / "scores")
    assert not judge_kept(str(tmp_path), uri)  # the whole interval is below 0, and the drop is more than 1 %
    (judged,) = verdicts(str(tmp_path))
    assert judged.change == Changes(scores).of(ADS)
    few = read_scores(uri, columns_of(read_about(uri), ["ad_stream"]))
    assert "unseen_show" not in few.rows.columns


def test_with_too_few_users_there_is_no_difference():
    assert Changes(both(users=9)).of(ADS) is None


def test_a_model_that_scores_alike_differs_by_nothing():
    scores = both()
    same = scores.rows.with_columns(pl.col("candidate.ad_stream").alias("baseline.ad_stream"))
    assert Changes(Scores(scores.about, same)).of(ADS) == (0, 0, 0)
