import keras
import numpy as np
import pytest
import tensorflow as tf

from models.config import ModelConfig, TrainerConfig
from models.network import build_model, embedding_table
from models.prepared_rows import PreparedRows
from models.training.balancing import fixed_weights, make_balancer, shared_weights
from models.training.losses import MaskedLosses
from models.training.optimizer import make_row_optimizer
from models.training.step import Update, make_steps
from tests.models.prepared import RECIPES, random_rows, small_layout
from tests.models.training.grad_norm import GradNorm

JOINT = RECIPES["joint"]


def test_weights_are_one_unless_named() -> None:
    np.testing.assert_array_equal(fixed_weights(("stream", "click"), {"click": 0.25}), [1.0, 0.25])


def test_fixed_weights_give_the_gradients_of_the_weighted_sum_by_hand() -> None:
    x, y = tf.Variable(3.0), tf.Variable(2.0)
    balancer = make_balancer(("stream", "click"), TrainerConfig(loss_weights={"click": 0.25}), keras.Model())
    losses, gradients = balancer.gradients(lambda: tf.stack([x * x, 8.0 * x * y]), [x, y])
    np.testing.assert_allclose(losses, [9.0, 48.0])
    # d/dx (x^2 + 2xy) = 2 * 3 + 2 * 2, d/dy = 2 * 3
    np.testing.assert_allclose(gradients, [10.0, 6.0])


# What a balancer of your own can rely on


@pytest.fixture
def model() -> keras.Model:
    keras.utils.set_random_seed(0)
    return build_model(small_layout(), JOINT, ModelConfig())


def losses_of(rows: PreparedRows) -> MaskedLosses:
    return MaskedLosses(JOINT, rows.label_names, rows.source_names, "batch")


def steps_with(balancer: GradNorm, model: keras.Model, rows: PreparedRows) -> Update:
    row_optimizer = make_row_optimizer(TrainerConfig(), 10, model)
    return make_steps(model, keras.optimizers.Adam(0.01), row_optimizer, losses_of(rows), balancer)


def batches(rows: PreparedRows, number: int) -> list[np.ndarray]:
    return [array.reshape(number, -1, *array.shape[1:]) for array in (rows.ids, rows.floats, rows.labels, rows.source)]


def test_the_shared_weights_are_the_encoders_and_the_table_is_not_among_them(model: keras.Model) -> None:
    shared = {id(value) for value in shared_weights(model)}
    paths = {weight.path.split("/")[0] for weight in model.trainable_variables if id(weight.value) in shared}
    assert paths == {"encoder"}
    assert len(shared) == len(model.get_layer("encoder").trainable_variables)
    assert id(embedding_table(model).value) not in shared


def test_the_gradient_of_one_task_is_zeros_for_other_towers_and_never_none(model: keras.Model) -> None:
    rows = random_rows(32, 32)
    with tf.GradientTape() as tape:
        logits = model({"ids": rows.ids, "floats": rows.floats}, training=True)
        click = losses_of(rows)(logits, rows.labels, rows.source)[JOINT.heads.index("click")]
    gradients = tape.gradient(click, [weight.value for weight in model.trainable_variables])
    largest = {
        weight.path: float(np.abs(tf.convert_to_tensor(gradient)).max())
        for weight, gradient in zip(model.trainable_variables, gradients, strict=True)
    }
    assert {path for path, size in largest.items() if size == 0.0} == {
        path for path in largest if path.startswith("tower_") and not path.startswith("tower_click")
    }


def test_a_balancer_with_weights_of_its_own_learns_them_in_the_compiled_step(model: keras.Model) -> None:
    rows = random_rows(64, 64)
    balancer = GradNorm(JOINT.heads, shared_weights(model))
    losses = steps_with(balancer, model, rows)(*batches(rows, 4)).numpy()
    weights = balancer.weights.numpy()
    assert np.isfinite(losses).all()
    assert weights.sum() == pytest.approx(len(JOINT.heads))
    assert len(set(weights.round(4))) > 1
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_a_task_without_an_example_has_loss_0_and_its_first_loss_comes_with_its_first_example(
    model: keras.Model,
) -> None:
    ads, both = random_rows(0, 64), random_rows(32, 32)
    balancer = GradNorm(JOINT.heads, shared_weights(model))
    update = steps_with(balancer, model, both)
    place = JOINT.heads.index("promotion_stream")
    assert update(*batches(ads, 1)).numpy()[place] == 0.0
    assert balancer.first.numpy()[place] == 0.0
    loss = update(*batches(both, 1)).numpy()[place]
    assert balancer.first.numpy()[place] == loss > 0.0
    assert np.isfinite(balancer.weights.numpy()).all()
