"""Every test of models begins with the same seed, so that its result does not change from run to run."""

import pytest


@pytest.fixture(autouse=True)
def _seed() -> None:
    import keras

    keras.utils.set_random_seed(0)
