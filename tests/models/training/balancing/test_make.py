import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from pydantic import ValidationError

from models.config import ModelConfig, TrainerConfig
from models.network import build_model, embedding_table
from models.prepared_rows import PreparedRows
from models.training.balancing.balancer import Balancer, Gradient
from models.training.balancing.config import KINDS
from models.training.balancing.famo import Famo
from models.training.balancing.make import fixed_weights, make_balancer, shared_weights, tower_weights
from models.training.losses import MaskedLosses
from models.training.optimizer import make_row_optimizer
from models.training.step import Update, make_steps
from tests.models.prepared import RECIPES, random_rows, small_layout

JOINT = RECIPES["joint"]


def test_weights_are_one_unless_named() -> None:
    np.testing.assert_array_equal(fixed_weights(("stream", "click"), {"click": 0.25}), [1.0, 0.25])


def test_an_unknown_balancer_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(ValidationError, match="unknown kind 'pc_grad'; valid kinds are " + ", ".join(KINDS)):
        TrainerConfig.model_validate({"balancer": "pc_grad"})


def test_settings_of_another_balancer_are_an_error() -> None:
    with pytest.raises(ValidationError, match="alpha"):
        TrainerConfig.model_validate({"balancer": {"kind": "famo", "alpha": 1.0}})


def test_with_one_head_there_is_nothing_to_balance_and_no_cache_key_changes() -> None:
    config = TrainerConfig.model_validate({"balancer": "gradnorm"})
    assert config.effective(("stream",)) == TrainerConfig().effective(("stream",))
    assert config.effective(("stream", "click")).balancer == config.balancer


@pytest.fixture
def model() -> keras.Model:
    keras.utils.set_random_seed(0)
    return build_model(small_layout(), JOINT, ModelConfig())


def losses_of(rows: PreparedRows) -> MaskedLosses:
    return MaskedLosses(JOINT, rows.label_names, rows.source_names, "batch")


def made(kind: str, model: keras.Model, **trainer: object) -> Balancer:
    return make_balancer(JOINT.heads, TrainerConfig.model_validate({"balancer": kind, **trainer}), model, seed=0)


def steps_with(balancer: Balancer, model: keras.Model, rows: PreparedRows) -> Update:
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


def test_the_towers_are_all_that_no_other_task_trains(model: keras.Model) -> None:
    own = {id(value) for value in tower_weights(model, JOINT.heads)}
    for weight in model.trainable_variables:
        assert (id(weight.value) in own) == weight.path.startswith("tower_"), weight.path


@pytest.mark.parametrize("kind", KINDS)
def test_a_balancer_learns_in_the_compiled_step_and_a_batch_of_ads_leaves_the_promotion_head_alone(
    model: keras.Model, kind: str
) -> None:
    ads, both = random_rows(0, 32), random_rows(16, 16)
    balancer, place = made(kind, model), JOINT.heads.index("promotion_stream")
    update = steps_with(balancer, model, both)
    before = [variable.numpy() for variable in balancer.state]
    tower = model.get_layer("tower_promotion_stream").get_weights()
    assert update(*batches(ads, 1)).numpy()[place] == 0.0
    after = [variable.numpy() for variable in balancer.state]
    for old, new in zip(before, after, strict=True):
        if old.shape:
            assert new[place] == old[place]
            assert (new != old).any()
    for old, new in zip(tower, model.get_layer("tower_promotion_stream").get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert update(*batches(both, 1)).numpy()[place] > 0.0
    for old, variable in zip(after, balancer.state, strict=True):
        assert not old.shape or variable.numpy()[place] != old[place]
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_balancer_learned_is_no_constant_of_the_compiled_step(model: keras.Model, kind: str) -> None:
    # XLA compiles a step anew when a value that it took as a constant changes. A slice at a variable's place is one.
    balancer, shared = made(kind, model), shared_weights(model)

    def losses() -> tf.Tensor:
        return tf.stack([tf.add_n([tf.reduce_mean((weight - i) ** 2) for weight in shared]) for i in range(5)])

    @tf.function(jit_compile=True)
    def gradients() -> tuple[tf.Tensor, list[Gradient]]:
        return balancer.gradients(losses, tf.ones(5, tf.bool), shared)

    def program() -> str:
        numbers_of_its_parts = r"HloModule \S+|\.\d+"
        return re.sub(numbers_of_its_parts, "", gradients.experimental_get_compiler_ir()(stage="hlo"))

    before = program()
    gradients()
    assert program() == before


def test_the_second_look_at_a_batch_leaves_batch_norm_as_the_first_one_did(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, statistics = random_rows(16, 16), []
    for sees_update in (True, False):
        monkeypatch.setattr(Famo, "sees_update", sees_update)
        keras.utils.set_random_seed(0)
        model = build_model(small_layout(), JOINT, ModelConfig())
        balancer = made("famo", model)
        steps_with(balancer, model, rows)(*batches(rows, 1))
        statistics.append([weight.numpy() for weight in model.get_layer("encoder").non_trainable_weights])
        assert bool(balancer.state[0].numpy().any()) == sees_update
    assert len(statistics[0]) > 0
    for with_update, without in zip(*statistics, strict=True):
        np.testing.assert_array_equal(with_update, without)
