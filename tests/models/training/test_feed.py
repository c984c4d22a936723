from itertools import islice

import numpy as np
import pytest

from models.errors import TrainingError
from models.training.feed import batches_in_epoch, row_batches
from tests.models.prepared import RECIPES, random_rows

PROMOTION, AD = 0, 1


@pytest.mark.parametrize("ratio", [1, 2, 5, 10, 50])
@pytest.mark.parametrize("batch_size", [64, 65])
def test_batches_hold_half_of_each_source_whatever_the_volumes(ratio: int, batch_size: int) -> None:
    rows = random_rows(100, 100 * ratio)
    for chosen in islice(row_batches(rows, RECIPES["joint"], batch_size, seed=0), 200):
        ads = int((rows.source[chosen] == AD).sum())
        assert len(chosen) == batch_size
        assert abs(ads - batch_size / 2) <= 0.5


def test_each_source_s_rows_are_used_equally_often_up_to_one() -> None:
    rows = random_rows(30, 170)
    used = np.bincount(np.concatenate([*islice(row_batches(rows, RECIPES["joint"], 16, seed=0), 100)]), minlength=200)
    for source in ("promotion", "ad"):
        own = used[rows.of(source)]
        assert own.max() - own.min() <= 1
        assert own.sum() == 800


def test_an_unbalanced_recipe_sees_the_natural_mix_of_its_sources() -> None:
    rows = random_rows(100, 900)
    pooled = np.concatenate([*islice(row_batches(rows, RECIPES["single_task_pooled"], 100, seed=0), 10)])
    np.testing.assert_array_equal(np.sort(pooled), np.arange(1000))
    ads = np.concatenate([*islice(row_batches(rows, RECIPES["ads_stream_only"], 100, seed=0), 9)])
    np.testing.assert_array_equal(np.sort(ads), rows.of("ad"))


def test_passes_are_shuffled_anew() -> None:
    rows = random_rows(100, 0)
    first, second = islice(row_batches(rows, RECIPES["promotions_only"], 100, seed=0), 2)
    np.testing.assert_array_equal(np.sort(first), np.sort(second))
    assert (first != second).any()


def test_the_same_seed_gives_the_same_batches() -> None:
    rows = random_rows(100, 300)
    first, same, other = (np.stack([*islice(row_batches(rows, RECIPES["joint"], 32, seed), 30)]) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


def test_fewer_rows_than_a_batch_are_repeated_to_fill_it() -> None:
    rows = random_rows(3, 200)
    chosen = next(row_batches(rows, RECIPES["joint"], 32, seed=0))
    assert np.bincount(chosen[rows.source[chosen] == PROMOTION]).max() == 6
    assert batches_in_epoch(203, 32) == 6
    assert batches_in_epoch(3, 32) == 1


def test_training_rows_without_a_source_of_the_recipe_are_an_error() -> None:
    with pytest.raises(TrainingError, match=r"no training rows of source 'promotion'.* raise trainer.rows"):
        next(row_batches(random_rows(0, 10), RECIPES["joint"], 4, seed=0))
