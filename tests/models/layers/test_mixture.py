import numpy as np

from models.layers.mixture import Mixture


def test_each_example_has_weights_of_its_own_by_hand() -> None:
    outputs = np.array([[[1.0, 2.0], [5.0, 10.0]], [[3.0, 0.0], [4.0, 1.0]]], np.float32)
    weights = np.array([[0.25, 0.75], [1.0, 0.0]], np.float32)
    mixture = Mixture("gate_click", "click", ("expert_0", "expert_1"), weights, outputs)
    np.testing.assert_array_equal(mixture.mixed, [[4.0, 8.0], [3.0, 0.0]])
