from dataclasses import replace

import numpy as np
import pytest

import benchmarks.boosting
from benchmarks.boosting import SPACE, draws, source_ap, tuned
from benchmarks.tree_columns import tree_columns
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


def test_an_id_has_one_encoding_at_each_place_of_a_list() -> None:
    rng = np.random.default_rng(4)
    first, second = rng.integers(1, 100, (2, 4000))
    labels = (rng.random(4000) < np.where((first % 2 == 0) & (second % 2 == 0), 0.9, 0.1)).astype(np.int8)
    ids = np.stack([first, second], axis=1).astype(np.int32)
    source = np.zeros(4000, np.int8)
    train = PreparedRows(ids, np.zeros((4000, 0), np.float32), labels[:, None], source, ("stream",), ("ad",))
    probe = replace(train, ids=np.array([[6, 0], [0, 6], [6, 6], [0, 0]], np.int32), source=source[:4])
    _, encoded = tree_columns(PackedLayout((IdInput("genres", 0, 2, 0, 100),), ()), (train, probe), "stream", seed=0)
    one_place, other_place, both, neither = encoded.values[:, 0]
    assert one_place == other_place == both
    has = (ids == 6).sum(axis=1)
    assert one_place == pytest.approx((has * labels).sum() / has.sum(), abs=0.05)
    assert np.isnan(neither)


@pytest.mark.parametrize("sources", SPACE["sources"])
def test_trees_of_sources_together_equal_or_apart_learn(monkeypatch: pytest.MonkeyPatch, sources: str) -> None:
    monkeypatch.setitem(benchmarks.boosting.SPACE, "sources", (sources,))
    (trees,) = tuned(LAYOUT, TRAIN, VALIDATION, TEST, label="stream", trials=1, seeds=1, threads=1)
    base = np.mean([TEST.label("stream")[TEST.of(source)].mean() for source in TEST.source_names])
    assert trees.parameters["sources"] == sources
    assert np.isfinite(trees.scores).all()
    assert source_ap(TEST, "stream", trees.scores) > 1.2 * base


def test_trees_of_sources_apart_do_not_know_the_other_source(monkeypatch: pytest.MonkeyPatch) -> None:
    of_ads = TRAIN.source == TRAIN.source_names.index("ad")
    other = replace(TRAIN, labels=np.where(of_ads[:, None], 1 - TRAIN.labels, TRAIN.labels))

    def promotions(train: PreparedRows) -> np.ndarray:
        (trees,) = tuned(LAYOUT, train, VALIDATION, TEST, label="stream", trials=1, seeds=1, threads=1)
        return trees.scores[TEST.of("promotion")]

    monkeypatch.setitem(benchmarks.boosting.SPACE, "ids", (False,))  # an encoding is over all sources
    monkeypatch.setitem(benchmarks.boosting.SPACE, "sources", ("apart",))
    np.testing.assert_array_equal(promotions(TRAIN), promotions(other))
    monkeypatch.setitem(benchmarks.boosting.SPACE, "sources", ("together",))
    assert (promotions(TRAIN) != promotions(other)).any()


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
