import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.blocks import blocks_of
from transforms.feature import Feature
from transforms.features import FEATURES
from transforms.packed import FloatInput, IdInput, select


def feature(name: str, kind: str, per: str, length: int = 1) -> Feature:
    return Feature.model_validate(
        {"name": name, "group": "user", "kind": kind, "column": f"users.{name}", "per": per, "length": length}
    )


DEVICE = feature("device", "category", "request")
AGE = feature("age", "numeric", "request")
SHOW = feature("show", "hashed", "candidate")
GENRES = feature("genres", "categories", "candidate", 2)
TASTE = feature("taste", "vector", "candidate", 2)
TABLE = (SHOW, TASTE, GENRES, DEVICE, AGE)
ROWS = {"device": 4, "show": 11, "genres": 5}
TRANSFORMED = {
    "request_ids": tf.constant([[3], [1]], tf.int64),
    "request_floats": tf.constant([[0.5, 1.0], [0.0, 0.0]]),
    "candidate_ids": tf.constant([[2, 0, 10], [4, 1, 0]], tf.int64),
    "candidate_floats": tf.constant([[7.0, 8.0], [9.0, 6.0]]),
}


def test_request_features_come_first_then_by_kind_then_as_in_the_table() -> None:
    layout = select(TABLE, TABLE, ROWS)
    assert layout.ids == (
        IdInput("device", column=0, width=1, row=0, rows=4),
        IdInput("genres", column=1, width=2, row=4, rows=5),
        IdInput("show", column=3, width=1, row=9, rows=11),
    )
    assert layout.floats == (FloatInput("age", 0, 2), FloatInput("taste", 2, 2))
    assert (layout.id_width, layout.float_width, layout.rows) == (4, 4, 20)


def test_a_z_score_comes_with_its_quantiles() -> None:
    layout = select(TABLE, TABLE, ROWS, {"age": ((-1.0, 0.0, 2.0),)})
    assert layout.floats == (FloatInput("age", 0, 2, ((-1.0, 0.0, 2.0),)), FloatInput("taste", 2, 2))


def test_ids_become_rows_of_the_fused_table() -> None:
    packed = select(TABLE, TABLE, ROWS).pack(TRANSFORMED)
    assert packed["ids"].dtype == tf.int32
    np.testing.assert_array_equal(packed["ids"], [[3, 4 + 2, 4, 9 + 10], [1, 4 + 4, 4 + 1, 9]])
    np.testing.assert_array_equal(packed["floats"], [[0.5, 1.0, 7.0, 8.0], [0.0, 0.0, 9.0, 6.0]])


def test_a_model_with_fewer_features_gets_their_columns_and_a_smaller_table() -> None:
    layout = select((SHOW, AGE), TABLE, ROWS)
    packed = layout.pack(TRANSFORMED)
    assert layout.ids == (IdInput("show", 0, 1, 0, 11),)
    np.testing.assert_array_equal(packed["ids"], [[10], [0]])
    np.testing.assert_array_equal(packed["floats"], [[0.5, 1.0], [0.0, 0.0]])


@pytest.mark.parametrize("candidates", [0, 1, 3])
def test_one_request_is_repeated_for_all_candidates(candidates: int) -> None:
    request = {name: TRANSFORMED[name][:1] for name in ("request_ids", "request_floats")}
    candidate = {name: tf.repeat(TRANSFORMED[name][:1], candidates, axis=0) for name in TRANSFORMED if "cand" in name}
    packed = select(TABLE, TABLE, ROWS).pack({**request, **candidate})
    np.testing.assert_array_equal(packed["ids"], np.tile([3, 6, 4, 19], (candidates, 1)))
    np.testing.assert_array_equal(packed["floats"], np.tile([0.5, 1.0, 7.0, 8.0], (candidates, 1)))


def test_two_requests_do_not_fit_three_candidates() -> None:
    candidate = {name: tf.repeat(TRANSFORMED[name][:1], 3, axis=0) for name in TRANSFORMED if "cand" in name}
    with pytest.raises(tf.errors.InvalidArgumentError):
        select(TABLE, TABLE, ROWS).pack({**TRANSFORMED, **candidate})


RECENT = feature("recent", "hashed_list", "request", 2).model_copy(update={"shares": "show"})


def test_a_sharing_feature_uses_the_rows_of_the_other_one() -> None:
    table = (DEVICE, RECENT, SHOW)
    layout = select(table, table, ROWS | {"recent": 11})
    assert layout.ids == (
        IdInput("device", column=0, width=1, row=0, rows=4),
        IdInput("recent", column=1, width=2, row=4, rows=11),
        IdInput("show", column=3, width=1, row=4, rows=11),
    )
    assert layout.rows == 15
    blocks = {"request_ids": tf.constant([[3, 7, 0]], tf.int64), "candidate_ids": tf.constant([[7]], tf.int64)}
    np.testing.assert_array_equal(layout.pack(blocks)["ids"], [[3, 4 + 7, 4, 4 + 7]])


def test_a_sharing_feature_without_the_other_one_has_rows_of_its_own() -> None:
    layout = select((DEVICE, RECENT), (DEVICE, RECENT, SHOW), ROWS | {"recent": 11})
    assert layout.ids == (IdInput("device", 0, 1, 0, 4), IdInput("recent", 1, 2, 4, 11))
    assert layout.rows == 15


def test_a_feature_that_transform_does_not_know_is_an_error() -> None:
    with pytest.raises(KeyError, match="taste"):
        select((TASTE, SHOW), (SHOW,), ROWS)


@settings(deadline=None, max_examples=60)
@given(
    table=st.sets(st.sampled_from(FEATURES), min_size=1, max_size=12),
    left_out=st.sets(st.sampled_from(FEATURES)),
    candidates=st.integers(0, 4),
)
def test_any_features_with_one_by_candidate_give_a_row_for_each_candidate(
    table: set[Feature], left_out: set[Feature], candidates: int
) -> None:
    """Every value is its place: the number of its feature, of its column in the feature, and of its row."""
    known = tuple(feature for feature in FEATURES if feature in table)
    chosen = tuple(feature for feature in known if feature not in left_out)
    if not any(feature.per == "candidate" for feature in chosen):
        return
    transformed = {}
    for block in blocks_of(known):
        rows = candidates if block.per == "candidate" else 1
        for name, features, dtype in (("ids", block.ids, tf.int64), ("floats", block.floats, tf.float32)):
            if features:
                transformed[f"{block.per}_{name}"] = tf.constant(places(features, rows), dtype)
    layout = select(chosen, known, dict.fromkeys((feature.name for feature in known), 100_000))
    packed = layout.pack(transformed)
    for name, inputs in (("ids", layout.ids), ("floats", layout.floats)):
        assert packed[name].shape == (candidates, sum(entry.width for entry in inputs))
        for entry in inputs:
            feature = next(feature for feature in chosen if feature.name == entry.name)
            own = packed[name].numpy()[:, entry.column : entry.column + entry.width] - getattr(entry, "row", 0)
            expected = places((feature,), 1 if feature.per == "request" else candidates)
            np.testing.assert_array_equal(own, np.broadcast_to(expected, own.shape), entry.name)


def places(features: tuple[Feature, ...], rows: int) -> np.ndarray:
    columns = [FEATURES.index(feature) * 1000 + offset * 10 for feature in features for offset in range(feature.width)]
    return np.array(columns)[None, :] + np.arange(rows)[:, None]


@pytest.mark.parametrize("short", ["candidate_ids", "candidate_floats"])
def test_a_candidate_block_of_another_length_is_an_error_and_never_repeated(short: str) -> None:
    transformed = {name: TRANSFORMED[name][:1] if name == short else TRANSFORMED[name] for name in TRANSFORMED}
    with pytest.raises(tf.errors.InvalidArgumentError):
        select((SHOW, TASTE), TABLE, ROWS).pack(transformed)
