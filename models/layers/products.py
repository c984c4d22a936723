"""The products of one input with several kernels, in one operation."""

from collections.abc import Sequence

import keras
import numpy as np


def products(inputs: keras.KerasTensor, kernels: Sequence[keras.Variable]) -> list[keras.KerasTensor]:
    """`x W_j` for each kernel W_j, as one product with all of them side by side.

    Many narrow products read the input again and again. A kernel stays a weight of its own, so training that starts
    from another model finds it by name, even if the other kernels differ.

    Args:
        inputs: float32 `[n, width]`.
        kernels: at least one, each `[width, units_j]`.

    Returns:
        float32 `[n, units_j]` for each kernel.
    """
    together = keras.ops.matmul(inputs, keras.ops.concatenate([kernel.value for kernel in kernels], axis=1))
    ends = np.cumsum([kernel.shape[1] for kernel in kernels])
    return keras.ops.split(together, ends[:-1].tolist(), axis=1) if len(kernels) > 1 else [together]
