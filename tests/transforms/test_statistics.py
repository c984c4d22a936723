from collections import Counter
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from transforms.kinds import QUANTILE_BINS
from transforms.statistics import Moments, RowSample, count_values, listed

NAN = np.nan
NUMBERS = arrays(np.float32, (20, 2), elements=st.one_of(st.just(NAN), st.floats(-1e6, 1e6, width=32)))


def test_moments_leave_missing_values_out() -> None:
    moments = Moments.of(np.array([[1, NAN], [3, NAN], [NAN, NAN]], np.float32))
    np.testing.assert_array_equal(moments.count, [2, 0])
    np.testing.assert_array_equal(moments.mean, [2, 0])
    np.testing.assert_array_equal(moments.squares, [2, 0])
    np.testing.assert_array_equal(moments.scale(), [1, 0])


def test_a_column_that_never_changes_has_scale_zero() -> None:
    column = np.full((1000, 1), 0.1, np.float32)
    moments = Moments.of(column[:3]).merge(Moments.of(column))
    assert moments.scale() == [0]


def test_a_small_deviation_beside_a_large_mean_survives_merging() -> None:
    column = (1_000_000 + np.arange(8) % 2 * 4).astype(np.float32)[:, None]
    merged = Moments.none(1)
    for row in column:
        merged = merged.merge(Moments.of(row[None]))
    assert merged.scale() == pytest.approx([0.5])


@given(NUMBERS, st.integers(0, 20))
def test_moments_of_parts_merge_to_moments_of_the_whole(numbers: np.ndarray, cut: int) -> None:
    whole = Moments.of(numbers)
    merged = Moments.of(numbers[:cut]).merge(Moments.of(numbers[cut:]))
    np.testing.assert_array_equal(merged.count, whole.count)
    np.testing.assert_allclose(merged.mean, whole.mean, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(merged.squares, whole.squares, rtol=1e-6, atol=1e-3)


def test_quantiles_are_values_that_fill_the_bins_equally() -> None:
    sample = RowSample(3)
    sample.add(np.array([[4, 7, NAN], [2, NAN, NAN], [1, NAN, NAN]], np.float32))
    sample.add(np.array([[3, 7, NAN], [5, 9, NAN]], np.float32))
    # Half of 1, 2, 3, 4, 5 is reached at 3; of 7, 7, 9 at 7. The last column has no values.
    np.testing.assert_array_equal(sample.quantiles(2), [[1, 3, 5], [7, 7, 9], [NAN, NAN, NAN]])
    assert sample.quantiles().shape == (3, QUANTILE_BINS + 1)


@given(
    arrays(np.float32, (40, 2), elements=st.one_of(st.just(NAN), st.integers(0, 5))),
    st.lists(st.integers(0, 40), max_size=6).map(sorted),
    st.integers(1, 50),
    st.randoms(use_true_random=False),
)
def test_a_sample_is_the_same_however_its_rows_are_ordered_and_divided(
    numbers: np.ndarray, cuts: list[int], size: int, random: Random
) -> None:
    whole = RowSample(2, size)
    whole.add(numbers)
    order = random.sample(range(40), 40)
    merged, streamed = RowSample(2, size), RowSample(2, size)
    for batch in np.split(numbers[order], cuts):
        part = RowSample(2, size)
        part.add(batch)
        merged.merge(part)
        streamed.add(batch)
    np.testing.assert_array_equal(merged.quantiles(4), whole.quantiles(4))
    np.testing.assert_array_equal(streamed.quantiles(4), whole.quantiles(4))


def test_a_row_counts_as_often_as_it_occurs_and_is_drawn_once() -> None:
    sample = RowSample(1, 2)
    for value in [5, 5, 5, 5, 5, 5, 5, 8]:
        sample.add(np.array([[value]], np.float32))
    # Two different rows fit. Seven of eight are 5, so each boundary but the last is 5.
    np.testing.assert_array_equal(sample.quantiles(4), [[5, 5, 5, 5, 8]])


def test_a_sample_is_as_large_as_it_may_be_and_like_the_whole() -> None:
    numbers = np.random.default_rng(1).normal(size=(20_000, 1)).astype(np.float32)
    sample = RowSample(1, 4000)
    for batch in np.split(numbers, 40):
        sample.add(batch)
    values = sample.quantiles(3999)[0]  # every value of the sample
    assert np.isin(values, numbers).all()
    # The share of rows below a quartile of the sample has a standard error of 0.007.
    shares = [(numbers < quartile).mean() for quartile in sample.quantiles(4)[0][1:4]]
    np.testing.assert_allclose(shares, [0.25, 0.5, 0.75], atol=0.028)


def test_values_are_counted_over_all_columns_without_the_missing() -> None:
    assert count_values(np.array([[b"a", b"b"], [b"a", b""]], object)) == {b"a": 2, b"b": 1}


def test_no_values_count_as_nothing() -> None:
    assert count_values(np.empty((0, 2), object)) == {}


def test_the_most_frequent_values_are_listed_equal_counts_by_name() -> None:
    counts = Counter({b"c": 2, b"b": 2, b"rare": 1, b"a": 9, b"z": 2})
    assert listed(counts, size=3, min_count=2) == [b"a", b"b", b"c"]


@pytest.mark.parametrize("value", [b"a\tb", b"a\nb", b"a\r"])
def test_a_value_that_would_break_the_file_is_not_listed(value: bytes) -> None:
    assert listed(Counter({value: 9, b"fine": 8}), size=10, min_count=1) == [b"fine"]
