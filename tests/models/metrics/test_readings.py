import math

import numpy as np
import pytest

from models.metrics.readings import Reading, mean_loss, readings, stream_ap
from models.prepared_rows import PreparedRows
from models.recipes import RecipeConfig, bind
from models.tasks import DEFAULT_TASKS, TaskConfig
from tests.models.prepared import LABELS, RECIPES

JOINT = RECIPES["joint"]


def rows(sources: list[str], stream: list[int], others: int = 0) -> PreparedRows:
    """Rows with these sources and streams; all other labels are `others`."""
    labels = np.full((len(sources), len(LABELS)), others, np.int8)
    labels[:, LABELS.index("stream")] = stream
    codes = np.array([("ad", "promotion").index(source) for source in sources], np.int8)
    nothing = np.zeros((len(sources), 0))
    return PreparedRows(nothing, nothing, labels, codes, LABELS, ("ad", "promotion"))


def softplus(value: float) -> float:
    return math.log(1 + math.exp(value))


def test_a_loss_is_the_mean_over_rows_and_finite_for_any_logit() -> None:
    assert mean_loss(np.array([1, 0]), np.array([0.0, 0.0])) == pytest.approx(math.log(2))
    assert mean_loss(np.array([1, 0], np.int8), np.array([1000.0, 1000.0], np.float32)) == 500.0
    assert mean_loss(np.zeros(0), np.zeros(0)) is None


def test_a_metric_counts_only_the_sources_its_task_is_read_on() -> None:
    scores = {head: np.array([0.9, 0.1, 0.8, 0.2, 0.3]) for head in JOINT.heads}
    scored = rows(["promotion", "promotion", "ad", "ad", "ad"], [1, 0, 0, 1, 0])
    by_place = {(reading.head, reading.source): reading for reading in readings(JOINT, scores, scored)}
    assert by_place["promotion_stream", "promotion"] == Reading(
        "promotion_stream", "stream", "promotion", 1.0, 1, 2, pytest.approx((softplus(-0.9) + softplus(0.1)) / 2)
    )
    assert by_place["ad_stream", "ad"] == Reading(
        *("ad_stream", "stream", "ad", pytest.approx(1 / 3), 1, 3),
        loss=pytest.approx((softplus(0.8) + softplus(-0.2) + softplus(0.3)) / 3),
    )
    assert ("promotion_stream", "ad") not in by_place
    assert ("ad_stream", "promotion") not in by_place
    assert by_place["click", "promotion"] == Reading(
        "click", "click", "promotion", None, 0, 2, pytest.approx((softplus(0.9) + softplus(0.1)) / 2)
    )
    assert len(by_place) == 2 + 3 * 2


def test_a_recipe_without_a_source_s_head_reads_its_only_one_there() -> None:
    recipe = RECIPES["promotions_only"]
    scores = {head: np.array([0.9, 0.1]) for head in recipe.heads}
    values = readings(recipe, scores, rows(["promotion", "ad"], [1, 1], others=1))
    assert {reading.source for reading in values if reading.head == "promotion_stream"} == {"promotion", "ad"}


def reading(head: str, source: str, ap: float | None) -> Reading:
    return Reading(head, "click" if head == "click" else "stream", source, ap, 0, 0)


def test_stopping_means_each_stream_task_on_its_source() -> None:
    values = (
        reading("promotion_stream", "promotion", 0.4),
        reading("ad_stream", "ad", 0.2),
        reading("click", "ad", 0.9),
    )
    assert stream_ap(JOINT, values, {}) == pytest.approx(0.3)


def test_a_source_never_trained_on_does_not_choose_the_model() -> None:
    values = (reading("promotion_stream", "promotion", 0.4), reading("promotion_stream", "ad", 0.1))
    assert stream_ap(RECIPES["promotions_only"], values, {}) == 0.4


def test_a_source_without_positives_does_not_count() -> None:
    values = (reading("promotion_stream", "promotion", 0.4), reading("ad_stream", "ad", None))
    assert stream_ap(JOINT, values, {}) == 0.4
    assert stream_ap(RECIPES["ads_stream_only"], values, {}) is None


def test_a_head_that_does_not_learn_does_not_choose_the_model() -> None:
    values = (reading("promotion_stream", "promotion", 0.4), reading("ad_stream", "ad", 0.2))
    assert stream_ap(JOINT, values, {"ad_stream": 0.0}) == 0.4
    assert stream_ap(JOINT, values, {"ad_stream": 0.5}) == pytest.approx(0.3)
    assert stream_ap(JOINT, values, {"ad_stream": 0.0, "promotion_stream": 0.0}) is None


def test_the_next_head_of_a_source_that_learns_chooses_the_model() -> None:
    tasks = {**DEFAULT_TASKS, "video": TaskConfig(label="stream", trained_on=("ad",), read_on=("ad",))}
    recipe = bind(RecipeConfig(trained_on=("ad",), heads=("ad_stream", "video")), tasks)
    values = (reading("ad_stream", "ad", 0.2), reading("video", "ad", 0.6))
    assert stream_ap(recipe, values, {}) == 0.2
    assert stream_ap(recipe, values, {"ad_stream": 0.0}) == 0.6
