"""Statistics of two runs: what must be the same, and what a sketch may give differently."""

from itertools import pairwise

from tensorflow_metadata.proto.v0 import statistics_pb2

from benchmarks.flink.statistics import PLACES, diff_statistics


def numeric(*edges: float, mean: float = 2.0, median: float = 2.0, zeros: int = 0, counts: tuple[float, ...] = ()):
    """A numeric feature whose bins have these edges, and whose histogram has these counts."""
    feature = statistics_pb2.FeatureNameStatistics(type="FLOAT")
    feature.num_stats.mean, feature.num_stats.median, feature.num_stats.num_zeros = mean, median, zeros
    quantiles = feature.num_stats.histograms.add(type="QUANTILES")
    for low, high in pairwise(edges):
        quantiles.buckets.add(low_value=low, high_value=high, sample_count=10)
    histogram = feature.num_stats.histograms.add(type="STANDARD")
    for count in counts:
        histogram.buckets.add(sample_count=count)
    return feature


def text(values: dict[str, float], *, unique: int, rows: int = 3 * PLACES):
    """A feature of strings with these most frequent values."""
    feature = statistics_pb2.FeatureNameStatistics(type="STRING")
    feature.string_stats.unique = unique
    feature.string_stats.common_stats.tot_num_values = rows
    for value, count in values.items():
        feature.string_stats.top_values.add(value=value, frequency=count)
        feature.string_stats.rank_histogram.buckets.add(label=value, sample_count=count)
    return feature


def compared(first, second) -> dict[str, tuple[int, int]]:
    """How many values differ as is allowed, and how many otherwise, by kind."""
    lines = diff_statistics({"train/x": first}, {"train/x": second})
    return {line.what.removeprefix("statistics: "): (line.close, len(line.differing)) for line in lines}


SAME = dict.fromkeys(("counts and ranges", "means and deviations", "quantiles", "most frequent values"), (0, 0))


def test_the_same_statistics_are_equal():
    assert compared(numeric(0, 1, 2, 3, 4), numeric(0, 1, 2, 3, 4)) == SAME
    assert compared(text({"a": 2}, unique=1), text({"a": 2}, unique=1)) == SAME


def test_counts_must_be_the_same():
    assert compared(numeric(0, 1), numeric(0, 1, zeros=1)) == SAME | {"counts and ranges": (0, 1)}
    assert compared(text({"a": 2}, unique=1), text({"a": 2}, unique=1, rows=9)) == SAME | {"counts and ranges": (0, 1)}


def test_the_last_digits_of_a_mean_may_differ():
    assert compared(numeric(mean=2.0), numeric(mean=2.0 + 4e-16)) == SAME | {"means and deviations": (1, 0)}
    assert compared(numeric(mean=2.0), numeric(mean=2.00001)) == SAME | {"means and deviations": (0, 1)}


def test_the_edge_of_a_bin_may_lie_between_the_neighbours_of_the_other():
    edges = numeric(0, 1, 2, 3, 4)
    assert compared(numeric(0, 1.9, 2, 3, 4), edges) == SAME | {"quantiles": (1, 0)}
    assert compared(numeric(0, 2.1, 2.2, 3, 4), edges) == SAME | {"quantiles": (1, 1)}
    assert compared(numeric(0, 1, 2, 3, 4, median=2.9), edges) == SAME | {"quantiles": (1, 0)}
    assert compared(numeric(0, 1, 2, 3, 4, median=3.1), edges) == SAME | {"quantiles": (0, 1)}
    assert compared(numeric(0, 1, 2, 3), edges)["quantiles"] == (0, 1)


def test_a_bar_may_differ_by_the_rows_of_a_bin():
    bars = numeric(0, 1, 2, 3, 4, counts=(20, 20))  # 40 values in 4 bins
    assert compared(numeric(0, 1, 2, 3, 4, counts=(29, 11)), bars) == SAME | {"quantiles": (2, 0)}
    assert compared(numeric(0, 1, 2, 3, 4, counts=(31, 9)), bars) == SAME | {"quantiles": (0, 2)}


def test_frequent_values_may_differ_only_if_there_are_more_values_than_places():
    many = 10 * PLACES
    first, second = text({"a": 5, "b": 4}, unique=many), text({"a": 8, "c": 4}, unique=many)
    assert compared(first, second) == SAME | {"most frequent values": (4, 0)}  # 3 of 3 x PLACES rows
    far = text({"a": 9, "b": 4}, unique=many)
    assert compared(first, far) == SAME | {"most frequent values": (0, 2)}
    assert compared(text({"a": 5}, unique=1), text({"a": 6}, unique=1)) == SAME | {"most frequent values": (0, 2)}


def test_a_feature_that_one_side_lacks_is_a_difference():
    (counts, *_) = diff_statistics({"train/x": numeric(0, 1)}, {})
    assert counts.differing


def test_all_else_must_be_the_same():
    first, second = numeric(0, 1), numeric(0, 1)
    second.num_stats.common_stats.num_missing, second.num_stats.max = 4, 3
    assert compared(first, second) == SAME | {"counts and ranges": (0, 2)}
