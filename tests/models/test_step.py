"""The mask as gradients, through the whole model."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.architectures import build_model
from models.config import ModelConfig, TrainerConfig
from models.recipes import RECIPES
from models.rows import Rows
from models.step import make_losses, make_step
from tests.models.prepared import random_rows, small_layout

JOINT = RECIPES["joint"]


def gradients(rows: Rows, config: TrainerConfig) -> dict[str, np.ndarray]:
    keras.utils.set_random_seed(0)
    model = build_model(small_layout(), JOINT, ModelConfig())
    losses = make_losses(model, JOINT, config)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(losses(rows.ids, rows.floats, rows.labels, rows.source))
    variables = model.trainable_variables
    found = tape.gradient(total, [variable.value for variable in variables])
    return {v.path: tf.convert_to_tensor(g).numpy() for v, g in zip(variables, found, strict=True)}


def norms(found: dict[str, np.ndarray], prefix: str) -> list[float]:
    chosen = [float(np.abs(gradient).max()) for path, gradient in found.items() if path.startswith(prefix)]
    assert chosen
    return chosen


@pytest.mark.parametrize("mean_over", ["batch", "allowed"])
def test_an_ads_only_batch_leaves_the_promotion_tower_exactly_alone(mean_over: str) -> None:
    found = gradients(random_rows(0, 64), TrainerConfig.model_validate({"mean_over": mean_over}))
    assert all(np.isfinite(gradient).all() for gradient in found.values())
    assert norms(found, "promotion_stream") == [0.0] * 4
    for moved in ("ad_stream", "click", "like", "follow", "encoder_0", "encoder_1", "embedding"):
        assert min(norms(found, moved)) > 0.0, moved


def test_a_promotions_only_batch_moves_every_tower() -> None:
    found = gradients(random_rows(64, 0), TrainerConfig())
    for head in JOINT.heads:
        assert min(norms(found, head)) > 0.0, head


def test_a_step_returns_the_loss_before_it_and_lowers_it() -> None:
    keras.utils.set_random_seed(0)
    rows = random_rows(32, 32)
    model = build_model(small_layout(), JOINT, ModelConfig())
    step = make_step(model, keras.optimizers.Adam(0.01), JOINT, TrainerConfig())
    losses = [step(rows.ids, rows.floats, rows.labels, rows.source).numpy() for _ in range(5)]
    assert losses[0].shape == (5,)
    assert np.sum(losses[-1]) < np.sum(losses[0])


def test_a_task_of_weight_zero_is_not_learned() -> None:
    keras.utils.set_random_seed(0)
    rows = random_rows(32, 32)
    model = build_model(small_layout(), JOINT, ModelConfig())
    before = model.get_layer("like_logit").get_weights()
    step = make_step(model, keras.optimizers.Adam(0.01), JOINT, TrainerConfig(loss_weights={"like": 0.0}))
    step(rows.ids, rows.floats, rows.labels, rows.source)
    for old, new in zip(before, model.get_layer("like_logit").get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
