from pathlib import Path

import keras
import numpy as np
import pytest

from models.config import ModelConfig
from models.encoders.config import DenseConfig, TabmConfig
from models.model_inputs import InputColumns
from models.network import build_model, joined_inputs
from tests.models.prepared import RECIPES, SWITCHES, random_rows, rich_layout, rich_rows, small_layout
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


@pytest.mark.parametrize("name", ["joint", "joint_mmoe", "joint_ple"])
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


def features_of(model: keras.Model) -> keras.Model:
    """The part of a model that makes the encoder's input."""
    return keras.Model(model.inputs, model.get_layer("features").output)


def rich(rows: int = 6) -> dict[str, np.ndarray]:
    made = rich_rows(rows, 0)
    return {"ids": made.ids, "floats": made.floats}


def test_numbers_in_bins_come_after_those_as_they_are_by_hand() -> None:
    layout, config = rich_layout(), ModelConfig(embedding_dim=4, numeric_bins=4)
    assert joined_inputs(layout, config)[-2:] == (
        InputColumns(name="source", packed="floats", width=1),
        InputColumns(name="signal", packed="bins", width=5),
    )
    # Nine boundaries from -2 to 2 make eight bins; four bins take every second boundary: -2, -1, 0, 1, 2.
    floats = np.array([[7, 0.25, 1], [8, 0, 0]], np.float32)
    joined = features_of(build_model(layout, JOINT, config))({"ids": rich(2)["ids"], "floats": floats})
    np.testing.assert_array_equal(joined[:, -6:], [[7, 1, 1, 0.25, 0, 1], [8, 0, 0, 0, 0, 0]])


def test_an_embedded_number_has_a_width_of_its_own() -> None:
    layout = rich_layout()
    assert joined_inputs(layout, SWITCHES)[-1] == InputColumns(name="signal", packed="bins", width=3)
    model = build_model(layout, JOINT, SWITCHES)
    features = features_of(model)
    moved = {**rich(1), "floats": np.array([[1, 1.5, 1]], np.float32)}
    base = {**rich(1), "floats": np.array([[1, -1.5, 1]], np.float32)}
    assert changed(features(base), features(moved), joined_inputs(layout, SWITCHES)) == {"signal"}
    missing = {**rich(1), "floats": np.array([[1, 0, 0]], np.float32)}
    np.testing.assert_array_equal(features(missing)[:, -3:], [[0, 0, 0]])  # the bias alone, before training


def test_without_quantiles_numbers_stay_as_they_are() -> None:
    config = ModelConfig(embedding_dim=4, numeric_bins=4)
    assert joined_inputs(small_layout(), config) == joined_inputs(small_layout(), SIZES)
    assert build_model(small_layout(), JOINT, config)(inputs())["click"].shape == (6,)


def test_a_list_shares_the_embeddings_of_the_candidate_and_is_pooled() -> None:
    layout = rich_layout()
    model = build_model(layout, JOINT, SIZES)
    (table,) = model.get_layer("embedding").get_weights()
    assert table.shape == (layout.rows, 4)
    ids = np.array([[3, 50, 50, 50, 7, 9, 0, 0]], np.int32)  # two recent shows
    joined = np.asarray(features_of(model)({"ids": ids, "floats": np.zeros((1, 3), np.float32)}))
    np.testing.assert_array_equal(joined[0, :4], table[3])
    np.testing.assert_allclose(joined[0, 8:12], (table[7] + table[9]) / 2, rtol=1e-6)


def test_the_candidate_weighs_a_list_only_with_attention() -> None:
    layout = rich_layout()
    ids = np.array([[3, 50, 50, 50, 7, 9, 0, 0], [4, 50, 50, 50, 7, 9, 0, 0]], np.int32)
    given = {"ids": ids, "floats": np.zeros((2, 3), np.float32)}
    pooled = {
        pooling: np.asarray(
            features_of(build_model(layout, JOINT, SIZES.model_copy(update={"history_pooling": pooling})))(given)
        )[:, 8:12]
        for pooling in ("mean", "attention")
    }
    np.testing.assert_array_equal(pooled["mean"][0], pooled["mean"][1])
    assert (pooled["attention"][0] != pooled["attention"][1]).any()


def test_without_the_candidate_s_id_a_list_is_pooled_by_its_mean() -> None:
    full = rich_layout()
    layout = PackedLayout((IdInput("recent", 0, 4, 0, 50),), full.floats)
    model = build_model(layout, JOINT, SWITCHES)
    assert "mean_recent" in {layer.name for layer in model.layers}
    assert model({**rich(), "ids": rich()["ids"][:, 4:]})["click"].shape == (6,)


def test_id_dropout_hides_only_the_named_ids_and_only_in_training() -> None:
    layout = rich_layout()
    config = SIZES.model_copy(update={"id_dropout": 0.5, "id_dropout_features": ("show",)})
    model = build_model(layout, JOINT, config)
    (table,) = model.get_layer("embedding").get_weights()
    features = features_of(model)
    given = rich(400)
    scored, trained = (np.asarray(features(given, training=training)) for training in (False, True))
    hidden = (trained[:, :4] == table[0]).all(axis=1)
    assert 0.3 < hidden.mean() < 0.7
    np.testing.assert_array_equal(trained[~hidden], scored[~hidden])
    np.testing.assert_array_equal(trained[:, 4:], scored[:, 4:])
    np.testing.assert_array_equal(scored[:, :4], table[given["ids"][:, 0]])


def test_a_model_with_all_switches_reloads_with_the_same_scores(tmp_path: Path) -> None:
    model = build_model(rich_layout(), JOINT, SWITCHES)
    expected = model(rich())
    model.save(tmp_path / "model.keras")
    reloaded = keras.saving.load_model(tmp_path / "model.keras")(rich())
    for head in JOINT.heads:
        np.testing.assert_array_equal(reloaded[head], expected[head])


def test_the_members_of_an_ensemble_begin_with_one_sign_for_each_feature() -> None:
    recipe = RECIPES["joint"].model_copy(update={"encoder": TabmConfig(members=8, units=(4,))})
    model = build_model(rich_layout(), recipe, SWITCHES)
    signs = model.get_layer("encoder").input_kernels[0].numpy()
    widths = [feature.width for feature in joined_inputs(rich_layout(), SWITCHES)]
    starts = np.cumsum([0, *widths[:-1]])
    np.testing.assert_array_equal(signs, np.repeat(signs[starts], widths, axis=0))
    assert len(np.unique(signs[starts], axis=0)) > 1
