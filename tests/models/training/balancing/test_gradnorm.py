import numpy as np
import pytest
import tensorflow as tf

from models.training.balancing.gradnorm import GradNorm


def test_weights_move_against_the_norms_and_toward_slow_tasks() -> None:
    x = tf.Variable(2.0)
    balancer = GradNorm(np.ones(2, np.float32), [x], learning_rate=0.1, alpha=1.0)

    def step() -> list[tf.Tensor]:
        return balancer.gradients(lambda: tf.stack([x * x, 3.0 * x]), tf.constant([True, True]), [x])[1]

    # Norms 4 and 3, their mean 3.5: 1 - 0.1 * 4 / 3.5 and 1 + 0.1 * 3 / 3.5, times 2 / 1.971429.
    np.testing.assert_allclose(step(), [7.0])
    np.testing.assert_allclose(balancer.weights(), [0.898551, 1.101449], rtol=1e-5)
    # Losses 1 of 4 and 3 of 6: paces 2/3 and 4/3. Weighted norms 1.797101 and 3.304348, their mean 2.550725, targets
    # 1.700483 and 3.400966: 0.898551 - 0.1 * 2 / 2.550725 and 1.101449 + 0.1 * 3 / 2.550725, times 2 / 2.039205.
    x.assign(1.0)
    np.testing.assert_allclose(step(), [0.898551 * 2 + 1.101449 * 3], rtol=1e-5)
    np.testing.assert_allclose(balancer.weights(), [0.804374, 1.195626], rtol=1e-5)


@pytest.mark.parametrize("absent", ["no examples", "weight 0"])
def test_a_task_that_is_absent_changes_nothing_and_keeps_its_weight(absent: str) -> None:
    x = tf.Variable(2.0)
    loss_weights = np.array([1.0, 1.0, float(absent == "no examples")], np.float32)
    balancer = GradNorm(loss_weights, [x], learning_rate=0.1, alpha=1.0)
    present = tf.constant([True, True, absent == "weight 0"])
    balancer.gradients(lambda: tf.stack([x * x, 3.0 * x, (absent == "weight 0") * x]), present, [x])
    kept = float(absent == "no examples")  # a task that does not learn has no weight in the report
    np.testing.assert_allclose(balancer.weights(), [0.898551, 1.101449, kept], rtol=1e-5)


def test_the_first_loss_of_a_task_is_that_of_its_first_batch() -> None:
    x = tf.Variable(2.0)
    balancer = GradNorm(np.ones(2, np.float32), [x], learning_rate=0.1, alpha=1.0)
    balancer.gradients(lambda: tf.stack([x * x, 0.0 * x]), tf.constant([True, False]), [x])
    x.assign(1.0)
    balancer.gradients(lambda: tf.stack([x * x, 3.0 * x]), tf.constant([True, True]), [x])
    np.testing.assert_allclose(balancer.state[1], [4.0, 3.0])


def test_a_batch_without_any_task_changes_nothing() -> None:
    x = tf.Variable(2.0)
    balancer = GradNorm(np.ones(2, np.float32), [x], learning_rate=0.1, alpha=1.5)
    _, gradients = balancer.gradients(lambda: tf.stack([0.0 * x, 0.0 * x]), tf.constant([False, False]), [x])
    np.testing.assert_array_equal(gradients, [0.0])
    np.testing.assert_array_equal(balancer.weights(), [1.0, 1.0])
