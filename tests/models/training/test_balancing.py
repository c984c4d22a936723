import numpy as np
import tensorflow as tf

from models.config import TrainerConfig
from models.training.balancing import fixed_weights, make_balancer


def test_weights_are_one_unless_named() -> None:
    np.testing.assert_array_equal(fixed_weights(("stream", "click"), {"click": 0.25}), [1.0, 0.25])


def test_fixed_weights_give_the_gradients_of_the_weighted_sum_by_hand() -> None:
    x, y = tf.Variable(3.0), tf.Variable(2.0)
    balancer = make_balancer(("stream", "click"), TrainerConfig(loss_weights={"click": 0.25}))
    losses, gradients = balancer.gradients(lambda: tf.stack([x * x, 8.0 * x * y]), [x, y])
    np.testing.assert_allclose(losses, [9.0, 48.0])
    # d/dx (x^2 + 2xy) = 2 * 3 + 2 * 2, d/dy = 2 * 3
    np.testing.assert_allclose(gradients, [10.0, 6.0])
