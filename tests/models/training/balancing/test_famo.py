from math import log

import numpy as np
import tensorflow as tf

from models.training.balancing.famo import Famo

BOTH = tf.constant([True, True])


def test_the_task_whose_log_loss_fell_less_gets_more_weight() -> None:
    x = tf.Variable(2.0)
    balancer = Famo(np.ones(2, np.float32), learning_rate=0.1, decay=0.5)

    def losses() -> tf.Tensor:
        return tf.stack([x * x, 3.0 * x])

    # Losses 4 and 6, z = 1/2 each: z / L = 1/8 and 1/12, so the weights are 0.6 and 0.4.
    _, gradients = balancer.gradients(losses, BOTH, [x])
    np.testing.assert_allclose(gradients, [0.6 * 4.0 + 0.4 * 3.0], rtol=1e-6)
    # Losses 1 and 3: the logarithms fell by 2 ln 2 and ln 2, on average by 1.5 ln 2.
    x.assign(1.0)
    balancer.after_update(losses, BOTH)
    np.testing.assert_allclose(balancer.state[0], [-0.025 * log(2), 0.025 * log(2)], rtol=1e-5)
    np.testing.assert_allclose(balancer.weights()[1] / balancer.weights()[0], 2**0.05, rtol=1e-5)
    # Nothing fell: what is left is the decay, a share of 0.1 * 0.5.
    balancer.gradients(losses, BOTH, [x])
    balancer.after_update(losses, BOTH)
    np.testing.assert_allclose(balancer.state[0], [-0.02375 * log(2), 0.02375 * log(2)], rtol=1e-5)


def test_a_task_without_examples_or_with_weight_0_changes_nothing_and_keeps_its_logit() -> None:
    x = tf.Variable(2.0)
    balancer = Famo(np.array([1.0, 1.0, 1.0, 0.0], np.float32), learning_rate=0.1, decay=0.5)
    balancer.state[0].assign([0.0, 0.0, 0.25, 0.75])
    present = tf.constant([True, True, False, True])

    def losses() -> tf.Tensor:
        return tf.stack([x * x, 3.0 * x, 0.0 * x, x])

    _, gradients = balancer.gradients(losses, present, [x])
    np.testing.assert_allclose(gradients, [3.6], rtol=1e-6)
    x.assign(1.0)
    balancer.after_update(losses, present)
    np.testing.assert_allclose(balancer.state[0], [-0.025 * log(2), 0.025 * log(2), 0.25, 0.75], rtol=1e-5)


def test_a_task_of_weight_0_has_no_weight_in_the_report() -> None:
    balancer = Famo(np.array([1.0, 2.0, 0.0], np.float32), learning_rate=0.1, decay=0.5)
    np.testing.assert_allclose(balancer.weights(), [0.5, 0.5, 0.0])


def test_a_batch_without_any_task_changes_nothing() -> None:
    x = tf.Variable(2.0)
    balancer = Famo(np.ones(2, np.float32), learning_rate=0.1, decay=0.5)
    nothing = tf.constant([False, False])
    _, gradients = balancer.gradients(lambda: tf.stack([0.0 * x, 0.0 * x]), nothing, [x])
    balancer.after_update(lambda: tf.stack([0.0 * x, 0.0 * x]), nothing)
    np.testing.assert_array_equal(gradients, [0.0])
    np.testing.assert_array_equal(balancer.state[0], [0.0, 0.0])
