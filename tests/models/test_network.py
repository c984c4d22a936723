from pathlib import Path

import keras
import numpy as np
import pytest

from models.config import ModelConfig
from models.network import MeanOfPresent, build_model
from models.recipes import RECIPES
from tests.models.prepared import random_rows, small_layout
from transforms.packed import PackedLayout

JOINT = RECIPES["joint"]


def inputs(rows: int = 6) -> dict[str, np.ndarray]:
    made = random_rows(rows, 0)
    return {"ids": made.ids, "floats": made.floats}


def test_one_logit_an_example_for_each_head() -> None:
    for recipe in RECIPES.values():
        logits = build_model(small_layout(), recipe, ModelConfig())(inputs())
        assert tuple(logits) == recipe.heads
        assert all(logit.shape == (6,) for logit in logits.values())


def test_mean_of_present_by_hand() -> None:
    layer = MeanOfPresent(padding=7)
    embedded = np.array([[[1.0, 2.0], [3.0, 6.0]], [[1.0, 2.0], [9.0, 9.0]], [[9.0, 9.0], [9.0, 9.0]]], np.float32)
    ids = np.array([[3, 4], [3, 7], [7, 7]], np.int32)
    np.testing.assert_allclose(layer(ids, embedded), [[2.0, 4.0], [1.0, 2.0], [0.0, 0.0]])


def test_padding_and_order_of_several_values_do_not_matter() -> None:
    model = build_model(small_layout(), JOINT, ModelConfig())
    given = inputs(1)
    first_genre = small_layout().ids[1].row
    one = {**given, "ids": np.array([[5, first_genre + 2, first_genre + 3, first_genre]], np.int32)}
    two = {**given, "ids": np.array([[5, first_genre, first_genre + 3, first_genre + 2]], np.int32)}
    np.testing.assert_allclose(model(one)["click"], model(two)["click"], rtol=0, atol=1e-6)  # logits may be near 0


def test_every_dense_layer_of_the_encoder_is_followed_by_batch_norm() -> None:
    model = build_model(small_layout(), JOINT, ModelConfig(encoder_units=(8, 4), dropout=0.0))
    names = [layer.name for layer in model.layers if layer.name.startswith("encoder")]
    assert names == [
        *("encoder_0", "encoder_0_norm", "encoder_0_relu"),
        *("encoder_1", "encoder_1_norm", "encoder_1_relu"),
    ]


def test_a_saved_model_reloads_with_the_same_scores(tmp_path: Path) -> None:
    model = build_model(small_layout(), JOINT, ModelConfig(dropout=0.2))
    expected = model(inputs())
    model.save(tmp_path / "model.keras")
    reloaded = keras.saving.load_model(tmp_path / "model.keras")(inputs())
    for head in JOINT.heads:
        np.testing.assert_array_equal(reloaded[head], expected[head])


@pytest.mark.parametrize("left", ["ids", "floats"])
def test_groups_switched_off_may_leave_ids_or_floats_alone(left: str) -> None:
    full = small_layout()
    layout = PackedLayout(full.ids, ()) if left == "ids" else PackedLayout((), full.floats)
    given = {"ids": inputs()["ids"][:, : layout.id_width], "floats": inputs()["floats"][:, : layout.float_width]}
    assert build_model(layout, JOINT, ModelConfig())(given)["click"].shape == (6,)


def test_a_tower_may_be_a_logit_alone() -> None:
    model = build_model(small_layout(), JOINT, ModelConfig(tower_units=()))
    assert model.get_layer("like_logit").kernel.shape == (128, 1)


def test_a_score_does_not_depend_on_the_mix_of_its_batch() -> None:
    model = build_model(small_layout(), JOINT, ModelConfig())
    rows = random_rows(5, 20)
    model({"ids": rows.ids, "floats": rows.floats}, training=True)  # moves batch norm's statistics
    together = model({"ids": rows.ids, "floats": rows.floats})["ad_stream"]
    alone = [model({"ids": rows.ids[[row]], "floats": rows.floats[[row]]})["ad_stream"][0] for row in range(25)]
    # Kernels for one row and for many round otherwise, and a logit may be near 0: the tolerance is absolute.
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-6)
