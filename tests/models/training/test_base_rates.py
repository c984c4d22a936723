from dataclasses import replace

import keras
import numpy as np
import pytest

from models.config import ModelConfig
from models.network import build_model, tower_name
from models.training.base_rates import start_at_base_rates
from tests.models.prepared import LABELS, RECIPES, random_rows, small_layout


def rates(recipe: str) -> dict[str, float]:
    """First probabilities of each head, for 100 promotions of which 60 have a stream, and 300 ads with 30."""
    made = random_rows(100, 300)
    labels = np.zeros((400, len(LABELS)), np.int8)
    labels[made.of("promotion")[:60], LABELS.index("stream")] = 1
    labels[made.of("ad")[:30], LABELS.index("stream")] = 1
    model = build_model(small_layout(), RECIPES[recipe], ModelConfig())
    start_at_base_rates(model, RECIPES[recipe], replace(made, labels=labels))
    biases = {head: model.get_layer(tower_name(head)).logit.bias for head in RECIPES[recipe].heads}
    return {head: float(keras.ops.sigmoid(bias)[0]) for head, bias in biases.items()}


def test_heads_start_at_the_rate_of_what_they_learn_from() -> None:
    joint = rates("joint")
    assert joint["promotion_stream"] == pytest.approx(61 / 102)  # promotions alone
    assert joint["ad_stream"] == pytest.approx((61 / 102 + 31 / 302) / 2)  # both, balanced
    assert rates("single_task_pooled")["ad_stream"] == pytest.approx((61 / 102 * 100 + 31 / 302 * 300) / 400)
    assert rates("ads_stream_only")["ad_stream"] == pytest.approx(31 / 302)


def test_a_label_without_positives_starts_near_zero() -> None:
    assert 0.0 < rates("joint")["like"] < 0.01
