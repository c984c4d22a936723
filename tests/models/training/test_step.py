"""The mask as gradients, through the whole model."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.config import ModelConfig, TrainerConfig
from models.network import build_model, embedding_table
from models.prepared_rows import PreparedRows
from models.training.balancing.make import make_balancer
from models.training.losses import MaskedLosses
from models.training.row_adam import RowAdam
from models.training.step import Update, make_steps
from tests.models.prepared import RECIPES, random_rows, small_layout

JOINT = RECIPES["joint"]


def gradients(rows: PreparedRows, config: TrainerConfig) -> dict[str, np.ndarray]:
    keras.utils.set_random_seed(0)
    model = build_model(small_layout(), JOINT, ModelConfig())
    losses = masked_losses(rows, config)
    with tf.GradientTape() as tape:
        logits = model({"ids": rows.ids, "floats": rows.floats}, training=True)
        total = tf.reduce_sum(losses(logits, rows.labels, rows.source))
    variables = model.trainable_variables
    values = tape.gradient(total, [variable.value for variable in variables])
    return {v.path: tf.convert_to_tensor(g).numpy() for v, g in zip(variables, values, strict=True)}


def masked_losses(rows: PreparedRows, config: TrainerConfig) -> MaskedLosses:
    return MaskedLosses(JOINT, rows.label_names, rows.source_names, config.mean_over)


def norms(by_path: dict[str, np.ndarray], prefix: str) -> list[float]:
    chosen = [float(np.abs(gradient).max()) for path, gradient in by_path.items() if path.startswith(prefix)]
    assert chosen
    return chosen


@pytest.mark.parametrize("mean_over", ["batch", "allowed"])
def test_an_ads_only_batch_leaves_the_promotion_tower_exactly_alone(mean_over: str) -> None:
    by_path = gradients(random_rows(0, 64), TrainerConfig.model_validate({"mean_over": mean_over}))
    assert all(np.isfinite(gradient).all() for gradient in by_path.values())
    assert norms(by_path, "tower_promotion_stream") == [0.0] * 4
    for moved in (*(f"tower_{head}" for head in JOINT.heads[1:]), "encoder/stack", "embedding"):
        assert min(norms(by_path, moved)) > 0.0, moved


def test_a_promotions_only_batch_moves_every_tower() -> None:
    by_path = gradients(random_rows(64, 0), TrainerConfig())
    for head in JOINT.heads:
        assert min(norms(by_path, f"tower_{head}")) > 0.0, head


def stacked(rows: PreparedRows, batches: int) -> list[np.ndarray]:
    return [array.reshape(batches, -1, *array.shape[1:]) for array in (rows.ids, rows.floats, rows.labels, rows.source)]


def row_adam(model: keras.Model) -> RowAdam:
    constant = keras.optimizers.schedules.PiecewiseConstantDecay([1], [0.01, 0.01])
    return RowAdam(embedding_table(model), constant)


def fresh(config: TrainerConfig) -> tuple[keras.Model, Update]:
    keras.utils.set_random_seed(0)
    model = build_model(small_layout(), JOINT, ModelConfig())
    losses = masked_losses(random_rows(1, 1), config)
    balancer = make_balancer(JOINT.heads, config, model, seed=0)
    return model, make_steps(model, keras.optimizers.Adam(0.01), row_adam(model), losses, balancer)


def test_several_batches_in_one_call_are_the_same_as_one_after_the_other() -> None:
    rows = random_rows(64, 64)
    together, update = fresh(TrainerConfig())
    first = update(*stacked(rows, 4)).numpy()
    apart, update = fresh(TrainerConfig())
    losses = [update(*(array[batch : batch + 1] for array in stacked(rows, 4))).numpy() for batch in range(4)]
    np.testing.assert_array_equal(first, np.sum(losses, axis=0))
    for value, other in zip(together.get_weights(), apart.get_weights(), strict=True):
        np.testing.assert_array_equal(value, other)


def test_steps_lower_the_loss() -> None:
    _, update = fresh(TrainerConfig())
    rows = random_rows(32, 32)
    losses = [update(*stacked(rows, 1)).numpy() for _ in range(5)]
    assert losses[0].shape == (5,)
    assert np.sum(losses[-1]) < np.sum(losses[0])


def test_a_task_of_weight_zero_is_not_learned() -> None:
    model, update = fresh(TrainerConfig(loss_weights={"like": 0.0}))
    before = model.get_layer("tower_like").get_weights()
    update(*stacked(random_rows(32, 32), 1))
    for old, new in zip(before, model.get_layer("tower_like").get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
