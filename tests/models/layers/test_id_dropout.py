from pathlib import Path

import keras
import numpy as np
import pytest

from models.layers.id_dropout import IdDropout

IDS = np.tile(np.array([[3, 14, 25]], np.int32), (4000, 1))
MISSING = [0, 10, 20]
RATES = [0.25, 0.0, 0.5]


def test_scoring_changes_nothing() -> None:
    np.testing.assert_array_equal(IdDropout(MISSING, RATES)(IDS), IDS)


def test_training_hides_each_column_at_its_own_rate_and_independently() -> None:
    hidden = np.asarray(IdDropout(MISSING, RATES)(IDS, training=True)) == MISSING
    # Four standard errors: 4 (0.25 x 0.75 / 4000)^0.5 = 0.027 and so on.
    assert hidden[:, 0].mean() == pytest.approx(0.25, abs=0.028)
    assert hidden[:, 2].mean() == pytest.approx(0.5, abs=0.032)
    assert (hidden[:, 0] & hidden[:, 2]).mean() == pytest.approx(0.125, abs=0.021)


def test_what_is_not_hidden_stays() -> None:
    ids = np.asarray(IdDropout(MISSING, RATES)(IDS, training=True))
    assert ids.dtype == np.int32
    assert set(ids[:, 0]) == {0, 3}
    assert set(ids[:, 1]) == {14}
    assert set(ids[:, 2]) == {20, 25}


def test_the_seed_of_training_decides_what_is_hidden() -> None:
    def hidden(seed: int) -> np.ndarray:
        keras.utils.set_random_seed(seed)
        layer = IdDropout(MISSING, RATES)
        return np.stack([layer(IDS, training=True) for _ in range(2)])

    np.testing.assert_array_equal(hidden(1), hidden(1))
    assert (hidden(1) != hidden(2)).any()
    assert (hidden(1)[0] != hidden(1)[1]).any()  # each step hides others


def test_a_saved_layer_reloads(tmp_path: Path) -> None:
    ids = keras.Input((3,), dtype="int32")
    model = keras.Model(ids, IdDropout(MISSING, RATES, name="id_dropout")(ids))
    model.save(tmp_path / "model.keras")
    reloaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(reloaded(IDS), IDS)
    assert reloaded.get_layer("id_dropout").get_config()["rates"] == RATES


def test_a_wrong_shape_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"takes \[n, 3\], not \(4000, 2\)"):
        IdDropout(MISSING, RATES)(IDS[:, :2])
