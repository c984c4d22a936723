import numpy as np
import tensorflow as tf

from models.training.balancing.pcgrad import PcGrad, projected

GRADIENTS = np.array([[1.0, 0.0], [-1.0, 1.0], [0.0, -1.0]], np.float32)


def balancer(tasks: int, towers: tuple[tf.Variable, ...] = (), seed: int = 0) -> PcGrad:
    return PcGrad(np.ones(tasks, np.float32), towers, seed)


def test_conflicting_gradients_are_projected_and_towers_keep_theirs() -> None:
    shared, tower = tf.Variable([0.0, 0.0]), tf.Variable(0.0)

    def losses() -> tf.Tensor:  # gradients (1, 0) and (-1, 1); 3 of the first task's tower
        return tf.stack([shared[0] + 3.0 * tower, shared[1] - shared[0]])

    surgery = balancer(2, (tower,))
    _, gradients = surgery.gradients(losses, tf.constant([True, True]), [shared, tower])
    # (1, 0) + 1/2 (-1, 1), and (-1, 1) + (1, 0)
    np.testing.assert_allclose(gradients[0], [0.5, 1.5])
    np.testing.assert_allclose(gradients[1], 3.0)
    assert surgery.conflicts() == 1.0
    assert surgery.conflicts() is None  # no pair since then


def test_gradients_that_agree_are_added() -> None:
    shared = tf.Variable([0.0, 0.0])
    surgery = balancer(2)
    _, gradients = surgery.gradients(
        lambda: tf.stack([shared[0], shared[0] + shared[1]]), tf.constant([True, True]), [shared]
    )
    np.testing.assert_allclose(gradients[0], [2.0, 1.0])
    assert surgery.conflicts() == 0.0


def test_each_gradient_meets_the_others_in_its_order() -> None:
    products = tf.constant(GRADIENTS @ GRADIENTS.T)
    factors = projected(products, tf.constant([[0, 1, 2], [1, 0, 2], [2, 0, 1]]))
    # (1, 0) -> (1/2, 1/2) -> (1/2, 0); (-1, 1) -> (0, 1) -> (0, 0); (0, -1) meets (1, 0), then (-1/2, -1/2)
    np.testing.assert_allclose(factors, [[1.0, 0.5, 0.5], [1.0, 1.0, 1.0], [0.0, 0.5, 1.0]])
    other = projected(products, tf.constant([[2, 1, 0], [2, 1, 0], [1, 0, 2]]))
    # (1, 0) meets (0, -1), then (1/2, 1/2); (-1, 1) -> (-1, 0) -> (0, 0); (0, -1) -> (-1/2, -1/2) -> (0, -1/2)
    np.testing.assert_allclose(other, [[1.0, 0.5, 0.0], [1.0, 1.0, 1.0], [0.5, 0.5, 1.0]])


def test_a_task_without_examples_takes_no_part() -> None:
    shared = tf.Variable([0.0, 0.0])
    surgery = balancer(3)
    _, gradients = surgery.gradients(
        lambda: tf.stack([shared[0], shared[1] - shared[0], 0.0 * shared[0]]),
        tf.constant([True, True, False]),
        [shared],
    )
    np.testing.assert_allclose(gradients[0], [0.5, 1.5])
    assert surgery.conflicts() == 1.0  # of the one pair


def test_with_a_frozen_encoder_each_tower_learns_by_its_own_loss() -> None:
    first, second = tf.Variable(1.0), tf.Variable(2.0)
    surgery = balancer(2, (first, second))
    _, gradients = surgery.gradients(
        lambda: tf.stack([first**2, second**2]), tf.constant([True, True]), [first, second]
    )
    np.testing.assert_allclose(gradients, [2.0, 4.0])
    assert surgery.conflicts() == 0.0


def test_rows_of_a_table_that_come_twice_are_added_before_they_are_compared() -> None:
    table = tf.Variable([[0.0], [0.0], [0.0]])

    def losses() -> tf.Tensor:  # gradients (-2, 0, 1) and (2, 0, 0)
        rows = tf.gather(table, [0, 0, 2])[:, 0]
        return tf.stack([rows[0] - 3.0 * rows[1] + rows[2], rows[0] + rows[1]])

    _, (gradient,) = balancer(2).gradients(losses, tf.constant([True, True]), [table])
    assert isinstance(gradient, tf.IndexedSlices)
    # (-2, 0, 1) + (2, 0, 0), and (2, 0, 0) + 4/5 (-2, 0, 1)
    np.testing.assert_allclose(tf.convert_to_tensor(gradient), [[0.4], [0.0], [1.8]], rtol=1e-6)


def sums(seed: int) -> list[list[float]]:
    shared, surgery = tf.Variable([0.0, 0.0]), balancer(3, seed=seed)
    present = tf.constant([True, True, True])
    return [
        surgery.gradients(lambda: tf.linalg.matvec(GRADIENTS, shared), present, [shared])[1][0].numpy().tolist()
        for _ in range(10)
    ]


def test_the_order_is_random_and_follows_the_seed() -> None:
    first = sums(0)
    assert first == sums(0)
    assert first != sums(1)
    assert len(set(map(tuple, first))) > 1
