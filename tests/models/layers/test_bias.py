import numpy as np

from models.layers.bias import Bias


def test_each_column_gets_its_own_number():
    layer = Bias()
    layer.build((None, 2))
    assert np.array_equal(layer(np.float32([[1.0, 2.0]])), [[1.0, 2.0]])
    layer.bias.assign([0.5, -3.0])
    assert np.array_equal(layer(np.float32([[1.0, 2.0], [0.0, 0.0]])), [[1.5, -1.0], [0.5, -3.0]])
