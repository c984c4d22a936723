"""A model takes over the weights of the same values and features from another one, and no others."""

from pathlib import Path

import keras
import numpy as np
import pytest

from models.config import ModelConfig
from models.encoders.config import DenseConfig, EncoderConfig, MmoeConfig, PleConfig
from models.errors import TrainingError
from models.export.start_files import StartModel, read_start, write_start
from models.model_inputs import EmbeddedFeature, ModelFeature, ModelInputs
from models.network import NUMBERS, build_model, joined_inputs
from models.recipes import Recipe
from models.training.warm_start import Carried, start_from
from tests.models.prepared import RECIPES
from transforms.packed import FloatInput, IdInput, PackedLayout

JOINT = RECIPES["joint"].model_copy(update={"encoder": DenseConfig(units=(8,))})
SIZES = ModelConfig(embedding_dim=4, tower_units=(4,))
Values = dict[str, tuple[str, ...] | int]
"""By feature the values of its vocabulary, or the number of its hash buckets; in the order of the layout."""


def taken(name: str, kind: str) -> ModelFeature:
    return ModelFeature(name=name, kind=kind, column=f"users.{name}", log=False, length=1)


def described(values: Values, floats: tuple[str, ...]) -> tuple[PackedLayout, ModelInputs]:
    ids, embedded, row = [], [], 0
    features = [taken(name, "hashed" if isinstance(listed, int) else "category") for name, listed in values.items()]
    features += [taken(name, "numeric") for name in floats]
    for column, (name, listed) in enumerate(values.items()):
        rows = listed + 1 if isinstance(listed, int) else len(listed) + 2
        ids.append(IdInput(name, column, 1, row, rows))
        embedded.append(
            EmbeddedFeature(name=name, encoding="hash", row=row, rows=rows)
            if isinstance(listed, int)
            else EmbeddedFeature(name=name, encoding="vocabulary", row=row, rows=rows, values=listed)
        )
        row += rows
    layout = PackedLayout(tuple(ids), tuple(FloatInput(name, 2 * index, 2) for index, name in enumerate(floats)))
    joined = joined_inputs(layout, SIZES)
    return layout, ModelInputs(features=tuple(features), embedded=tuple(embedded), joined=joined)


def untrained(layout: PackedLayout, seed: int, recipe: Recipe = JOINT, config: ModelConfig = SIZES) -> keras.Model:
    keras.utils.set_random_seed(seed)
    model = build_model(layout, recipe, config)
    rng = np.random.default_rng(seed)
    model.set_weights([rng.uniform(0.1, 1.0, weight.shape) for weight in model.get_weights()])
    return model


def saved(model: keras.Model, inputs: ModelInputs, folder: Path) -> StartModel:
    write_start(model, inputs, str(folder))
    return read_start(str(folder))


def table(model: keras.Model) -> np.ndarray:
    return model.get_layer("embedding").embeddings.numpy()


VALUES: Values = {"market": ("de", "se", "br"), "show": 5}
LAYOUT, INPUTS = described(VALUES, ("age", "hours"))


def test_an_unchanged_model_gives_the_same_scores(tmp_path: Path) -> None:
    old, new = untrained(LAYOUT, 1), untrained(LAYOUT, 2)
    carried = start_from(new, INPUTS, saved(old, INPUTS, tmp_path))
    rows = {"ids": np.array([[2, 7], [0, 5]], np.int32), "floats": np.ones((2, 4), np.float32)}
    for head in JOINT.heads:
        np.testing.assert_array_equal(new(rows)[head], old(rows)[head])
    assert carried.fresh == carried.fresh_columns == ()
    assert carried.rows == {"market": 5, "show": 6}
    assert carried.fresh_rows == {"market": 0, "show": 0}


def test_embedding_rows_go_with_their_value_by_hand(tmp_path: Path) -> None:
    layout, inputs = described({"show": 5, "market": ("se", "jp", "de")}, ("age", "hours"))
    old, new = untrained(LAYOUT, 1), untrained(layout, 2)
    fresh = table(new).copy()
    carried = start_from(new, inputs, saved(old, INPUTS, tmp_path))
    # Rows of the old table: market missing 0, other 1, de 2, se 3, br 4; show 5 to 10. Of the new one: show 0 to 5;
    # market missing 6, other 7, se 8, jp 9, de 10.
    for row, old_row in {0: 5, 1: 6, 2: 7, 3: 8, 4: 9, 5: 10, 6: 0, 7: 1, 8: 3, 10: 2}.items():
        np.testing.assert_array_equal(table(new)[row], table(old)[old_row])
    np.testing.assert_array_equal(table(new)[9], fresh[9])  # jp is new
    assert carried.rows == {"show": 6, "market": 4}
    assert carried.fresh_rows == {"show": 0, "market": 1}


def test_hashes_with_another_number_of_buckets_keep_only_the_row_of_missing_values(tmp_path: Path) -> None:
    layout, inputs = described({"market": ("de", "se", "br"), "show": 7}, ("age", "hours"))
    old, new = untrained(LAYOUT, 1), untrained(layout, 2)
    fresh = table(new).copy()
    carried = start_from(new, inputs, saved(old, INPUTS, tmp_path))
    np.testing.assert_array_equal(table(new)[:6], table(old)[:6])
    np.testing.assert_array_equal(table(new)[6:], fresh[6:])
    assert (carried.rows["show"], carried.fresh_rows["show"]) == (1, 7)


def test_a_feature_that_is_hashed_now_takes_no_rows_of_its_vocabulary(tmp_path: Path) -> None:
    layout, inputs = described({"market": 4, "show": 5}, ("age", "hours"))
    old, new = untrained(LAYOUT, 1), untrained(layout, 2)
    carried = start_from(new, inputs, saved(old, INPUTS, tmp_path))
    assert (carried.rows["market"], carried.fresh_rows["market"]) == (0, 5)


@pytest.mark.parametrize(
    "encoder", [DenseConfig(units=(8,)), MmoeConfig(experts=2, units=(4,)), PleConfig(shared_experts=2, units=(4, 4))]
)
def test_the_encoder_s_columns_go_with_their_feature(encoder: EncoderConfig, tmp_path: Path) -> None:
    recipe = JOINT.model_copy(update={"encoder": encoder})
    layout, inputs = described({"show": 5, "market": ("de", "se", "br")}, ("hours", "new", "age"))
    old, new = untrained(LAYOUT, 1, recipe), untrained(layout, 2, recipe)
    carried = start_from(new, inputs, saved(old, INPUTS, tmp_path))
    assert carried.fresh_columns == ("new",)
    assert carried.fresh == ()
    # The same example: market se, show bucket 3, age (1, 2), hours (3, 4). The new feature is 0.
    old_row = {"ids": np.array([[3, 9]], np.int32), "floats": np.array([[1.0, 2.0, 3.0, 4.0]], np.float32)}
    new_row = {"ids": np.array([[4, 9]], np.int32), "floats": np.array([[3.0, 4.0, 0.0, 0.0, 1.0, 2.0]], np.float32)}
    for head in JOINT.heads:
        np.testing.assert_allclose(new(new_row)[head], old(old_row)[head], rtol=1e-5)


@pytest.mark.parametrize("encoder", [MmoeConfig(experts=2, units=(4,)), PleConfig(shared_experts=2, units=(4, 4))])
def test_only_the_experts_and_gates_of_a_new_head_are_fresh(encoder: EncoderConfig, tmp_path: Path) -> None:
    recipe = JOINT.model_copy(update={"encoder": encoder})
    swapped = tuple(task.model_copy(update={"name": "save"}) if task.name == "like" else task for task in recipe.tasks)
    old, new = untrained(LAYOUT, 1, recipe), untrained(LAYOUT, 2, recipe.model_copy(update={"tasks": swapped}))
    carried = start_from(new, INPUTS, saved(old, INPUTS, tmp_path))
    assert carried.fresh == tuple(weight.path for weight in new.weights if "save" in weight.path)
    assert carried.fresh


def test_a_feature_in_the_place_of_another_one_gets_fresh_columns(tmp_path: Path) -> None:
    layout, inputs = described(VALUES, ("age", "days"))  # the same widths as with `hours`
    old, new = untrained(LAYOUT, 1), untrained(layout, 2)
    (fresh,) = (kernel.numpy().copy() for kernel in new.get_layer("encoder").input_kernels)
    carried = start_from(new, inputs, saved(old, INPUTS, tmp_path))
    (kernel,) = (kernel.numpy() for kernel in new.get_layer("encoder").input_kernels)
    (old_kernel,) = (kernel.numpy() for kernel in old.get_layer("encoder").input_kernels)
    np.testing.assert_array_equal(kernel[:10], old_kernel[:10])
    np.testing.assert_array_equal(kernel[10:], fresh[10:])
    assert carried.fresh_columns == ("days",)


def binned(floats: tuple[str, ...], config: ModelConfig) -> tuple[PackedLayout, ModelInputs]:
    layout, inputs = described({"show": 5}, floats)
    quantiles = ((-1.0, -0.5, 0.5, 1.0, 2.0),)
    layout = PackedLayout(
        layout.ids, tuple(FloatInput(part.name, part.column, part.width, quantiles) for part in layout.floats)
    )
    return layout, inputs.model_copy(update={"joined": joined_inputs(layout, config)})


@pytest.mark.parametrize("width", [0, 3])
def test_the_bins_of_a_number_go_with_their_feature(width: int, tmp_path: Path) -> None:
    config = ModelConfig(embedding_dim=4, tower_units=(4,), numeric_bins=4, numeric_width=width)
    layout, inputs = binned(("age", "hours"), config)
    new_layout, new_inputs = binned(("hours", "new", "age"), config)
    old, new = untrained(layout, 1, config=config), untrained(new_layout, 2, config=config)
    fresh = [weight.copy() for weight in new.get_layer(NUMBERS).get_weights()] if width else []
    carried = start_from(new, new_inputs, saved(old, inputs, tmp_path))
    assert carried.fresh_columns == ("new",)
    assert carried.fresh == ()
    for before, after, started in zip(
        *(model.get_layer(NUMBERS).get_weights() if width else () for model in (old, new)), fresh, strict=True
    ):
        np.testing.assert_array_equal(after, [before[1], started[1], before[0]])
    # The same example; the new number is missing. Its embedding is that of its bias, which must not count.
    old_row = {"ids": np.array([[3]], np.int32), "floats": np.array([[0.25, 1.0, 1.5, 1.0]], np.float32)}
    new_row = {"ids": np.array([[3]], np.int32), "floats": np.array([[1.5, 1.0, 0.0, 0.0, 0.25, 1.0]], np.float32)}
    if width:
        weights = new.get_layer(NUMBERS).get_weights()
        weights[1][1] = 0.0
        new.get_layer(NUMBERS).set_weights(weights)
    for head in JOINT.heads:
        np.testing.assert_allclose(new(new_row)[head], old(old_row)[head], rtol=1e-5)


def test_a_number_that_is_in_bins_now_gets_fresh_columns(tmp_path: Path) -> None:
    # One bin and its presence are as wide as a z-score and its presence.
    config = SIZES.model_copy(update={"numeric_bins": 1})
    layout, inputs = binned(("age",), SIZES)
    new_layout, new_inputs = binned(("age",), config)
    old, new = untrained(layout, 1), untrained(new_layout, 2, config=config)
    assert start_from(new, new_inputs, saved(old, inputs, tmp_path)).fresh_columns == ("age",)


@pytest.mark.parametrize("change", [{"column": "users.other"}, {"log": True}, {"kind": "vector", "length": 2}])
def test_a_feature_with_other_values_under_the_same_name_gets_fresh_columns(change: dict, tmp_path: Path) -> None:
    changed = tuple(
        feature.model_copy(update=change) if feature.name == "hours" else feature for feature in INPUTS.features
    )
    old, new = untrained(LAYOUT, 1), untrained(LAYOUT, 2)
    carried = start_from(new, INPUTS.model_copy(update={"features": changed}), saved(old, INPUTS, tmp_path))
    assert carried.fresh_columns == ("hours",)
    assert carried.rows == {"market": 5, "show": 6}


def test_a_feature_of_another_column_gets_fresh_embedding_rows_and_columns(tmp_path: Path) -> None:
    changed = tuple(
        feature.model_copy(update={"column": "users.country"}) if feature.name == "market" else feature
        for feature in INPUTS.features
    )
    old, new = untrained(LAYOUT, 1), untrained(LAYOUT, 2)
    fresh = table(new).copy()
    carried = start_from(new, INPUTS.model_copy(update={"features": changed}), saved(old, INPUTS, tmp_path))
    np.testing.assert_array_equal(table(new)[:5], fresh[:5])
    np.testing.assert_array_equal(table(new)[5:], table(old)[5:])
    assert (carried.rows["market"], carried.fresh_rows["market"]) == (0, 5)
    assert carried.fresh_columns == ("market",)


def test_a_new_head_is_fresh_and_a_head_that_went_is_left_out(tmp_path: Path) -> None:
    two = JOINT.model_copy(update={"tasks": JOINT.tasks[:2]})
    last = JOINT.model_copy(update={"tasks": JOINT.tasks[1:3]})
    old, new = untrained(LAYOUT, 1, two), untrained(LAYOUT, 2, last)
    carried = start_from(new, INPUTS, saved(old, INPUTS, tmp_path))
    assert {path.split("/")[0] for path in carried.fresh} == {"tower_click"}
    for weight, old_weight in zip(
        new.get_layer("tower_ad_stream").get_weights(), old.get_layer("tower_ad_stream").get_weights(), strict=True
    ):
        np.testing.assert_array_equal(weight, old_weight)


def test_weights_of_another_shape_are_fresh(tmp_path: Path) -> None:
    config = ModelConfig(embedding_dim=3, tower_units=(5,))
    old, new = untrained(LAYOUT, 1), untrained(LAYOUT, 2, config=config)
    inputs = INPUTS.model_copy(update={"joined": joined_inputs(LAYOUT, config)})
    carried = start_from(new, inputs, saved(old, INPUTS, tmp_path))
    assert "embedding/embeddings" in carried.fresh
    assert sum(carried.rows.values()) == 0
    assert carried.fresh_columns == ("market", "show")
    assert "tower_click/dense_0/bias" in carried.fresh
    assert "tower_click/logit/bias" in carried.weights


def test_a_folder_that_is_no_model_of_ours_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(
        TrainingError, match=r"is not a model that training can start from: .* name the folder of a model"
    ):
        read_start(str(tmp_path))
    write_start(untrained(LAYOUT, 1), INPUTS, str(tmp_path))
    for name in ("coldcast_weights.npz", "coldcast_inputs.json"):
        file = tmp_path / "assets.extra" / name
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(TrainingError, match="is not a model that training can start from"):
            read_start(str(tmp_path))
        file.write_bytes(whole)


def test_the_sentence_names_what_is_fresh() -> None:
    carried = Carried("models/7", ("a", "b"), (), {"show": 5}, {"show": 0}, ())
    assert carried.sentence() == "starts from models/7: 2 of 2 weights, 5 of 5 embedding rows"
