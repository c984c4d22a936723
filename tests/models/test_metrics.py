import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from models.metrics import Reading, average_precision, readings, stream_ap
from models.recipes import RECIPES
from transforms.labels import LABELS

PROMOTION, AD = 0, 1


def test_average_precision_by_hand() -> None:
    # Ranks 1 and 3 hit: (1/1 + 2/3) / 2.
    assert average_precision(np.array([1, 0, 1, 0]), np.array([0.9, 0.8, 0.7, 0.1])) == pytest.approx(5 / 6)


def test_equal_scores_enter_together() -> None:
    # One threshold holds all three: precision 1/3 at recall 1, whatever their order.
    assert average_precision(np.array([1, 0, 0]), np.array([0.5, 0.5, 0.5])) == pytest.approx(1 / 3)


def test_without_positives_there_is_no_ap() -> None:
    assert average_precision(np.array([0, 0]), np.array([0.1, 0.2])) is None
    assert average_precision(np.array([]), np.array([])) is None


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=1, max_size=60))
def test_agrees_with_scikit_learn(examples: list[tuple[bool, int]]) -> None:
    labels = np.array([label for label, _ in examples], np.int8)
    scores = np.array([score / 8 for _, score in examples], np.float32)
    if labels.any():
        assert average_precision(labels, scores) == pytest.approx(average_precision_score(labels, scores), rel=1e-12)


def test_agrees_with_scikit_learn_at_a_base_rate_of_a_thousandth() -> None:
    rng = np.random.default_rng(0)
    labels = (rng.random(50_000) < 1e-3).astype(np.int8)
    scores = (rng.beta(1, 200, 50_000) + labels * 1e-3).astype(np.float32)
    assert average_precision(labels, scores) == pytest.approx(average_precision_score(labels, scores), rel=1e-9)


def test_a_metric_counts_only_the_sources_its_task_is_read_on() -> None:
    recipe = RECIPES["joint"]
    source = np.array([PROMOTION, PROMOTION, AD, AD, AD])
    labels = np.zeros((5, len(LABELS)), np.int8)
    labels[:, LABELS.index("stream")] = [1, 0, 0, 1, 0]
    scores = {head: np.array([0.9, 0.1, 0.8, 0.2, 0.3]) for head in recipe.heads}
    found = {(one.head, one.source): one for one in readings(recipe, scores, labels, source)}
    assert found["promotion_stream", "promotion"] == Reading("promotion_stream", "promotion", 1.0, 1, 2)
    assert found["ad_stream", "ad"] == Reading("ad_stream", "ad", pytest.approx(1 / 3), 1, 3)
    assert ("promotion_stream", "ad") not in found
    assert ("ad_stream", "promotion") not in found
    assert found["click", "promotion"] == Reading("click", "promotion", None, 0, 2)
    assert len(found) == 2 + 3 * 2


def test_a_recipe_without_a_source_s_head_is_read_there_by_its_only_one() -> None:
    recipe = RECIPES["promotions_only"]
    labels = np.ones((2, len(LABELS)), np.int8)
    scores = {head: np.array([0.9, 0.1]) for head in recipe.heads}
    found = readings(recipe, scores, labels, np.array([PROMOTION, AD]))
    assert [one.source for one in found if one.head == "promotion_stream"] == ["promotion", "ad"]


def reading(head: str, source: str, ap: float | None) -> Reading:
    return Reading(head, source, ap, 0, 0)  # type: ignore[arg-type]


def test_stopping_means_each_stream_task_on_its_source() -> None:
    found = (
        reading("promotion_stream", "promotion", 0.4),
        reading("ad_stream", "ad", 0.2),
        reading("click", "ad", 0.9),
    )
    assert stream_ap(RECIPES["joint"], found) == pytest.approx(0.3)


def test_a_source_never_trained_on_does_not_choose_the_model() -> None:
    found = (reading("promotion_stream", "promotion", 0.4), reading("promotion_stream", "ad", 0.1))
    assert stream_ap(RECIPES["promotions_only"], found) == 0.4


def test_a_source_without_positives_takes_no_part() -> None:
    found = (reading("promotion_stream", "promotion", 0.4), reading("ad_stream", "ad", None))
    assert stream_ap(RECIPES["joint"], found) == 0.4
    assert stream_ap(RECIPES["ads_stream_only"], found) is None
