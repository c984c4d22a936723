import numpy as np
import pytest
import tensorflow as tf

from transforms.feature import Feature
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


def test_ids_become_rows_of_the_fused_table() -> None:
    packed = select(TABLE, TABLE, ROWS).pack(TRANSFORMED)
    assert packed["ids"].dtype == tf.int32
    np.testing.assert_array_equal(packed["ids"], [[3, 4 + 2, 4, 9 + 10], [1, 4 + 4, 4 + 1, 9]])
    np.testing.assert_array_equal(packed["floats"], [[0.5, 1, 7, 8], [0, 0, 9, 6]])


def test_a_model_with_fewer_features_gets_their_columns_and_a_smaller_table() -> None:
    layout = select((SHOW, AGE), TABLE, ROWS)
    packed = layout.pack(TRANSFORMED)
    assert layout.ids == (IdInput("show", 0, 1, 0, 11),)
    np.testing.assert_array_equal(packed["ids"], [[10], [0]])
    np.testing.assert_array_equal(packed["floats"], [[0.5, 1], [0, 0]])


@pytest.mark.parametrize("candidates", [0, 1, 3])
def test_one_request_is_repeated_for_all_candidates(candidates: int) -> None:
    request = {name: TRANSFORMED[name][:1] for name in ("request_ids", "request_floats")}
    candidate = {name: tf.repeat(TRANSFORMED[name][:1], candidates, axis=0) for name in TRANSFORMED if "cand" in name}
    packed = select(TABLE, TABLE, ROWS).pack({**request, **candidate})
    np.testing.assert_array_equal(packed["ids"], np.tile([3, 6, 4, 19], (candidates, 1)))
    np.testing.assert_array_equal(packed["floats"], np.tile(np.float32([0.5, 1, 7, 8]), (candidates, 1)))


def test_two_requests_do_not_fit_three_candidates() -> None:
    candidate = {name: tf.repeat(TRANSFORMED[name][:1], 3, axis=0) for name in TRANSFORMED if "cand" in name}
    with pytest.raises(tf.errors.InvalidArgumentError):
        select(TABLE, TABLE, ROWS).pack({**TRANSFORMED, **candidate})


def test_a_feature_that_transform_does_not_know_is_an_error() -> None:
    with pytest.raises(KeyError, match="taste"):
        select((TASTE, SHOW), (SHOW,), ROWS)
