"""The mask as gradients, through the whole model."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.config import ModelConfig, TrainerConfig
from models.network import build_model
from models.recipes import RECIPES
from models.training.prepared_rows import Rows
from models.training.step import Losses, make_losses, make_steps
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


def stacked(rows: Rows, batches: int) -> list[np.ndarray]:
    return [array.reshape(batches, -1, *array.shape[1:]) for array in (rows.ids, rows.floats, rows.labels, rows.source)]


def fresh(config: TrainerConfig) -> tuple[keras.Model, Losses]:
    keras.utils.set_random_seed(0)
    model = build_model(small_layout(), JOINT, ModelConfig())
    return model, make_steps(model, keras.optimizers.Adam(0.01), JOINT, config)


def test_several_batches_in_one_call_are_the_same_as_one_after_the_other() -> None:
    rows = random_rows(64, 64)
    together, update = fresh(TrainerConfig())
    first = update(*stacked(rows, 4)).numpy()
    apart, update = fresh(TrainerConfig())
    losses = [update(*(array[batch : batch + 1] for array in stacked(rows, 4))).numpy() for batch in range(4)]
    np.testing.assert_array_equal(first, np.sum(losses, axis=0))
    for one, other in zip(together.get_weights(), apart.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_steps_lower_the_loss() -> None:
    _, update = fresh(TrainerConfig())
    rows = random_rows(32, 32)
    losses = [update(*stacked(rows, 1)).numpy() for _ in range(5)]
    assert losses[0].shape == (5,)
    assert np.sum(losses[-1]) < np.sum(losses[0])


def test_a_task_of_weight_zero_is_not_learned() -> None:
    model, update = fresh(TrainerConfig(loss_weights={"like": 0.0}))
    before = model.get_layer("like_logit").get_weights()
    update(*stacked(random_rows(32, 32), 1))
    for old, new in zip(before, model.get_layer("like_logit").get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
