from pathlib import Path

import keras
import numpy as np
import pytest

from models.layers.tower import Tower, logit_of_mean


def test_by_hand() -> None:
    tower = Tower((2,))
    tower.build((None, 2))
    tower.set_weights(
        [np.array([[1.0, -1.0], [1.0, 1.0]]), np.array([0.5, 0.0]), np.array([[2.0], [3.0]]), np.array([0.25])]
    )
    # z W + b = [1 + 2 + 0.5, -1 + 2] = [3.5, 1]; 2 * 3.5 + 3 * 1 + 0.25. Then [-2.5, 3], of which ReLU cuts the first.
    np.testing.assert_allclose(tower(np.array([[1.0, 2.0], [-3.0, 0.0]], np.float32)), [10.25, 9.25])


def test_a_tower_may_be_a_logit_alone() -> None:
    tower = Tower(())
    assert tower(np.ones((3, 4), np.float32)).shape == (3,)
    assert [weight.name for weight in tower.weights] == ["kernel", "bias"]
    assert tower.logit.kernel.shape == (4, 1)


def test_an_ensemble_scores_with_its_mean_probability_and_learns_by_each_member_by_hand() -> None:
    tower = Tower((), members=2)
    tower.build((None, 2, 1))
    tower.set_weights([np.array([[1.0], [2.0]]), np.array([0.0, np.log(3.0)])])
    z = np.array([[[np.log(4.0)], [0.0]], [[0.0], [1.0]]], np.float32)
    # The members' logits: z_1, and 2 z_2 + log 3.
    members = [[np.log(4.0), np.log(3.0)], [0.0, 2.0 + np.log(3.0)]]
    np.testing.assert_allclose(tower(z, training=True), members, rtol=1e-6)
    # The probabilities of example 1 are 4/5 and 3/4; their mean is 31/40, its odds 31/9.
    np.testing.assert_allclose(tower(z)[0], np.log(31 / 9), rtol=1e-6)
    assert tower(z).shape == (2,)


@pytest.mark.parametrize("logit", [-80.0, -12.0, 0.3, 25.0, 80.0])
def test_equal_members_give_their_logit_however_small_or_large(logit: float) -> None:
    mean = logit_of_mean(np.full((1, 5), logit, np.float32))
    np.testing.assert_allclose(mean, [logit], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("members", [2, 3])
def test_an_ensemble_takes_members(members: int) -> None:
    with pytest.raises(ValueError, match=r"takes \[n, members, width\], not \(3, 4\)"):
        Tower((2,), members)(np.ones((3, 4), np.float32))


def test_a_saved_layer_reloads(tmp_path: Path) -> None:
    inputs = keras.Input((3,))
    model = keras.Model(inputs, Tower((4,))(inputs))
    model.save(tmp_path / "model.keras")
    x = np.ones((2, 3), np.float32)
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "model.keras")(x), model(x))


def test_a_wrong_shape_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"takes \[n, width\], not \(2, 3, 4\)"):
        Tower((4,))(np.ones((2, 3, 4), np.float32))
