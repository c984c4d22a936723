"""Every test of models begins at the same weights: what it finds does not change from run to run."""

import pytest


@pytest.fixture(autouse=True)
def _seed() -> None:
    import keras

    keras.utils.set_random_seed(0)
