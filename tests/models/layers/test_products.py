import keras
import numpy as np

from models.layers.products import products


def test_each_product_is_that_of_its_own_kernel_by_hand() -> None:
    kernels = [keras.Variable([[1.0], [2.0]]), keras.Variable([[0.0, 1.0], [3.0, -1.0]])]
    first, second = products(np.array([[1.0, 5.0]], np.float32), kernels)
    np.testing.assert_array_equal(first, [[11.0]])
    np.testing.assert_array_equal(second, [[15.0, -4.0]])


def test_a_single_kernel_has_a_single_product() -> None:
    (product,) = products(np.array([[1.0, 5.0]], np.float32), [keras.Variable([[1.0], [2.0]])])
    np.testing.assert_array_equal(product, [[11.0]])
