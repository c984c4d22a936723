import numpy as np
import pytest

from models.metrics.readings import Reading, readings, stream_ap
from models.recipes import RECIPES
from transforms.labels import LABELS

PROMOTION, AD = 0, 1


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
