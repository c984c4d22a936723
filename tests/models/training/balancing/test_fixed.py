import numpy as np
import tensorflow as tf

from models.training.balancing.fixed import FixedWeights


def test_the_gradients_are_those_of_the_weighted_sum() -> None:
    x, y = tf.Variable(3.0), tf.Variable(2.0)
    balancer = FixedWeights(np.array([1.0, 0.25], np.float32))
    losses, gradients = balancer.gradients(lambda: tf.stack([x * x, 8.0 * x * y]), tf.constant([True, True]), [x, y])
    np.testing.assert_allclose(losses, [9.0, 48.0])
    # d/dx (x^2 + 2xy) = 2 * 3 + 2 * 2, d/dy = 2 * 3
    np.testing.assert_allclose(gradients, [10.0, 6.0])
    assert (balancer.weights(), balancer.conflicts()) == (None, None)
