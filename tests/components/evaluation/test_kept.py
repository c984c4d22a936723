"""The comparison with the last blessed model, by the paired difference on the same rows."""

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score

from components.evaluation.conditions import Selection
from components.evaluation.kept import change_of
from components.evaluation.paired.compare import compare
from components.evaluation.paired.measures import AP
from components.evaluation.paired.slices import BY_SOURCE
from components.evaluation.scores import About, Scores
from components.evaluation.settings import EvaluatedHead

HEAD = EvaluatedHead("ad_stream", "stream", ("ad",))
ADS = Selection("ad_stream", ("ad",))


def both(users: int = 200, rows: int = 3000) -> tuple[Scores, Scores]:
    """A model and a last blessed one that is better, on the same rows."""
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
    ours = Scores(About((HEAD,), ("promotion", "ad"), 5), frame)
    theirs = ours.last_blessed
    assert theirs is not None
    return ours, theirs


def test_the_difference_is_that_of_the_paired_comparison():
    ours, theirs = both()
    (row,) = compare([ours], [theirs], BY_SOURCE, (AP,))
    assert change_of(ours, theirs, ADS) == pytest.approx((row.difference, row.low, row.high))


def test_only_the_rows_of_the_tiers_count():
    ours, theirs = both()
    change = change_of(ours, theirs, ADS._replace(tiers=(3, 4)))
    rows = ours.rows.filter(pl.col("stream_tier").is_in([3, 4]), source="ad")
    first, second = (
        average_precision_score(rows["label.stream"], rows[f"{name}.ad_stream"]) for name in ("candidate", "baseline")
    )
    assert change is not None
    assert change.difference == pytest.approx(first - second)
    assert change.low < change.difference < change.high


def test_with_too_few_users_there_is_no_difference():
    ours, theirs = both(users=9)
    assert change_of(ours, theirs, ADS) is None


def test_a_model_that_scores_alike_differs_by_nothing():
    ours, _ = both()
    assert change_of(ours, ours, ADS) == (0, 0, 0)
