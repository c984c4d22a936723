from pathlib import Path

import keras
import numpy as np
import pytest

from models.config import ModelConfig
from models.encoders.config import DenseConfig
from models.model_inputs import InputColumns
from models.network import build_model, joined_inputs
from tests.models.prepared import RECIPES, random_rows, small_layout
from transforms.packed import FloatInput, IdInput, PackedLayout

JOINT = RECIPES["joint"]
SIZES = ModelConfig(embedding_dim=4)


def inputs(rows: int = 6) -> dict[str, np.ndarray]:
    made = random_rows(rows, 0)
    return {"ids": made.ids, "floats": made.floats}


@pytest.mark.parametrize("name", RECIPES)
def test_one_logit_an_example_for_each_head(name: str) -> None:
    logits = build_model(small_layout(), RECIPES[name], SIZES)(inputs())
    assert tuple(logits) == RECIPES[name].heads
    assert all(logit.shape == (6,) for logit in logits.values())


def test_padding_and_order_of_several_values_do_not_matter() -> None:
    model = build_model(small_layout(), JOINT, SIZES)
    given = inputs(1)
    first_genre = small_layout().ids[1].row
    padded_last = {**given, "ids": np.array([[5, first_genre + 2, first_genre + 3, first_genre]], np.int32)}
    padded_first = {**given, "ids": np.array([[5, first_genre, first_genre + 3, first_genre + 2]], np.int32)}
    # A logit may be near 0: the tolerance is absolute.
    np.testing.assert_allclose(model(padded_last)["click"], model(padded_first)["click"], rtol=0, atol=1e-6)


def test_the_joined_columns_are_those_that_the_encoder_reads() -> None:
    layout = PackedLayout(
        (IdInput("genres", 0, 3, 0, 8), IdInput("show", 3, 1, 8, 5), IdInput("day", 4, 1, 13, 7)),
        (FloatInput("vector", 0, 3), FloatInput("age", 3, 2)),
    )
    joined = joined_inputs(layout, SIZES)
    assert joined == (
        InputColumns(name="show", packed="ids", width=4),
        InputColumns(name="day", packed="ids", width=4),
        InputColumns(name="genres", packed="ids", width=4),
        InputColumns(name="vector", packed="floats", width=3),
        InputColumns(name="age", packed="floats", width=2),
    )
    model = build_model(layout, JOINT, SIZES)
    features = keras.Model(model.inputs, model.get_layer("features").output)
    base = {"ids": np.array([[1, 2, 3, 9, 14]], np.int32), "floats": np.zeros((1, 5), np.float32)}
    for name, column in (("genres", 2), ("show", 3), ("day", 4)):
        moved = {**base, "ids": base["ids"] + np.eye(5, dtype=np.int32)[[column]]}
        assert changed(features(base), features(moved), joined) == {name}
    for name, column in (("vector", 1), ("age", 4)):
        moved = {**base, "floats": np.eye(5, dtype=np.float32)[[column]]}
        assert changed(features(base), features(moved), joined) == {name}


def changed(before: np.ndarray, after: np.ndarray, joined: tuple[InputColumns, ...]) -> set[str]:
    owners = np.repeat([feature.name for feature in joined], [feature.width for feature in joined])
    return set(owners[np.flatnonzero(np.asarray(before != after)[0])])


@pytest.mark.parametrize("name", ["joint", "joint_mmoe"])
def test_a_saved_model_reloads_with_the_same_scores(name: str, tmp_path: Path) -> None:
    model = build_model(small_layout(), RECIPES[name], SIZES)
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
    assert build_model(layout, JOINT, SIZES)(given)["click"].shape == (6,)


def test_a_head_may_have_the_name_of_any_other_part() -> None:
    names = ("encoder", "embedding", "features", "ids")
    tasks = tuple(JOINT.tasks[0].model_copy(update={"name": name}) for name in names)
    recipe = JOINT.model_copy(update={"tasks": tasks})
    assert tuple(build_model(small_layout(), recipe, SIZES)(inputs())) == names


def test_a_score_does_not_depend_on_the_mix_of_its_batch() -> None:
    small = JOINT.model_copy(update={"encoder": DenseConfig(units=(16, 8))})
    model = build_model(small_layout(), small, SIZES)
    rows = random_rows(5, 20)
    model({"ids": rows.ids, "floats": rows.floats}, training=True)  # moves batch norm's statistics
    together = model({"ids": rows.ids, "floats": rows.floats})["ad_stream"]
    alone = [model({"ids": rows.ids[[row]], "floats": rows.floats[[row]]})["ad_stream"][0] for row in range(25)]
    # Kernels for one row and for many round otherwise, and a logit may be near 0: the tolerance is absolute.
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-6)
