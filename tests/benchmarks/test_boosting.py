from dataclasses import replace

import numpy as np

from benchmarks.boosting import SPACE, draws, source_ap, tree_columns, tuned
from models.prepared_rows import PreparedRows
from tests.models.prepared import random_rows, rich_layout, rich_rows
from transforms.packed import FloatInput, IdInput, PackedLayout

TRAIN, VALIDATION, TEST = (rich_rows(200, 600, seed=seed) for seed in (1, 2, 3))
LAYOUT = rich_layout()


def test_each_input_has_its_columns() -> None:
    layout = PackedLayout(
        (IdInput("hour", 0, 1, 0, 24), IdInput("show", 1, 1, 24, 500), IdInput("genres", 2, 2, 524, 30)),
        (FloatInput("vector", 0, 2), FloatInput("age", 2, 2, ((0.0, 1.0),))),
    )
    ids = np.array([[3, 24 + 7, 524 + 1, 524 + 2], [4, 24 + 8, 524, 524]] * 10, np.int32)
    floats = np.array([[0.5, -0.5, 2.0, 1.0], [0.1, 0.2, 0.0, 0.0]] * 10, np.float32)
    labels = np.array([[1], [0]] * 10, np.int8)
    rows = PreparedRows(ids, floats, labels, np.array([1, 0] * 10, np.int8), ("stream",), ("promotion", "ad"))
    train, test = tree_columns(layout, (rows, rows), "stream", seed=0)
    assert train.categories == (0, 6)  # the hour and the source
    assert train.encoded == (1, 2)
    np.testing.assert_array_equal(test.values[:2, 0], [3, 4])
    np.testing.assert_array_equal(
        test.values[:2, 3:], [[0.5, -0.5, 2.0, 1.0], [np.float32(0.1), np.float32(0.2), np.nan, 0.0]]
    )
    assert test.values[0, 1] > 0.9  # each row of show 7 has the label
    assert test.values[1, 1] < 0.1
    assert np.isnan(test.values[1, 2])  # no genre


def test_a_training_row_is_encoded_without_its_own_label() -> None:
    rows = random_rows(200, 200)
    own = np.arange(len(rows), dtype=np.int32)[:, None]  # an id of its own for each row
    layout = PackedLayout((IdInput("row", 0, 1, 0, len(rows)),), ())
    alone = replace(rows, ids=own, floats=rows.floats[:, :0])
    train, same = tree_columns(layout, (alone, alone), "stream", seed=0)
    labels = alone.label("stream")
    known = same.values[1:, 0]  # row 0 is the missing value
    assert np.nanmin(known[labels[1:] == 1]) > np.nanmax(known[labels[1:] == 0])
    assert abs(np.corrcoef(np.nan_to_num(train.values[1:, 0]), labels[1:])[0, 1]) < 0.5


def test_the_trees_learn_and_are_the_same_each_time() -> None:
    first, second = (
        tuned(LAYOUT, TRAIN, VALIDATION, TEST, label="stream", trials=2, seeds=2, threads=1) for _ in range(2)
    )
    assert len(first) == 2
    assert [trees.parameters for trees in first] == [first[0].parameters] * 2
    base = np.mean([TEST.label("stream")[TEST.of(source)].mean() for source in TEST.source_names])
    for trees, again in zip(first, second, strict=True):
        np.testing.assert_array_equal(trees.scores, again.scores)
        assert source_ap(TEST, "stream", trees.scores) > 1.5 * base
        assert trees.trees > 0


def test_the_best_on_validation_is_chosen() -> None:
    chosen = tuned(LAYOUT, TRAIN, VALIDATION, TEST, label="stream", trials=3, seeds=1, threads=1)[0]
    for count in (1, 2):
        fewer = tuned(LAYOUT, TRAIN, VALIDATION, TEST, label="stream", trials=count, seeds=1, threads=1)[0]
        assert chosen.validation >= fewer.validation


def test_draws_differ_and_are_the_same_each_time() -> None:
    points = [*draws(20)]
    assert points == [*draws(20)]
    assert len({tuple(point.items()) for point in points}) == 20
    assert all(point[name] in values for point in points for name, values in SPACE.items())
