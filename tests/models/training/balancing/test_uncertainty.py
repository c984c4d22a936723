from math import exp

import numpy as np
import tensorflow as tf

from models.training.balancing.uncertainty import UncertaintyWeights


def test_log_variances_descend_and_weigh_the_next_step() -> None:
    x = tf.Variable(2.0)
    balancer = UncertaintyWeights(np.ones(2, np.float32), learning_rate=0.1)
    present = tf.constant([True, True])
    # Losses 4 and 6. s = 0.1 * (4 - 1/2) and 0.1 * (6 - 1/2).
    losses, gradients = balancer.gradients(lambda: tf.stack([x * x, 3.0 * x]), present, [x])
    np.testing.assert_allclose(losses, [4.0, 6.0])
    np.testing.assert_allclose(gradients, [4.0 + 3.0])
    np.testing.assert_allclose(balancer.weights(), [exp(-0.35), exp(-0.55)], rtol=1e-6)
    _, gradients = balancer.gradients(lambda: tf.stack([x * x, 3.0 * x]), present, [x])
    np.testing.assert_allclose(gradients, [4.0 * exp(-0.35) + 3.0 * exp(-0.55)], rtol=1e-6)


def test_a_task_without_examples_or_with_weight_0_keeps_its_variance() -> None:
    x = tf.Variable(2.0)
    balancer = UncertaintyWeights(np.array([1.0, 1.0, 0.0], np.float32), learning_rate=0.1)
    balancer.gradients(lambda: tf.stack([x * x, 0.0 * x, x]), tf.constant([True, False, True]), [x])
    np.testing.assert_allclose(balancer.weights(), [exp(-0.35), 1.0, 0.0], rtol=1e-6)
