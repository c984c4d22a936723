"""The differences of TFDV's statistics of two runs.

TFDV learns quantiles and most frequent values in sketches. A sketch with enough places for all values is exact. Any
other depends on the order in which batches are merged, which an engine chooses.
"""

from collections.abc import Mapping
from itertools import zip_longest

from google.protobuf.json_format import MessageToDict
from tensorflow_metadata.proto.v0 import statistics_pb2

from benchmarks.flink.diff import LAST_DIGITS, Diff, are_close

Features = Mapping[str, statistics_pb2.FeatureNameStatistics]

SKETCH = "sketch"
PLACES = 1024
"""Values that TFDV's sketch of frequent values holds. Each count is right up to 1 / PLACES of all rows."""

_LAST_DIGITS = 1e-9
"""A deviation far below the mean, as of timestamps, loses digits."""


def diff_statistics(first: Features, second: Features) -> list[Diff]:
    """Compares the statistics of features, each under a name that says its split, too."""
    counts = Diff("statistics: counts and ranges")
    moments = Diff("statistics: means and deviations", allowed=LAST_DIGITS)
    quantiles = Diff("statistics: quantiles", allowed=SKETCH)
    frequent = Diff("statistics: most frequent values", allowed=SKETCH)
    nothing = statistics_pb2.FeatureNameStatistics()
    for name in dict(first) | dict(second):
        sides = first.get(name, nothing), second.get(name, nothing)
        numbers, texts = [side.num_stats for side in sides], [side.string_stats for side in sides]
        counts.add_all(*({name: MessageToDict(_exact(side))} for side in sides))
        _add_quantiles(quantiles, name, *numbers)
        _add_frequent(frequent, name, *texts)
        for field in ("mean", "std_dev"):
            pair = getattr(numbers[0], field), getattr(numbers[1], field)
            moments.add(f"{name}/{field}", *pair, allowed=are_close(*pair, _LAST_DIGITS))
    return [counts, moments, quantiles, frequent]


def _exact(feature: statistics_pb2.FeatureNameStatistics) -> statistics_pb2.FeatureNameStatistics:
    """The part of the statistics that does not depend on the order of batches."""
    rest = statistics_pb2.FeatureNameStatistics()
    rest.CopyFrom(feature)
    if feature.HasField("num_stats"):
        for field in ("mean", "std_dev", "median", "histograms"):
            rest.num_stats.ClearField(field)
    if feature.HasField("string_stats"):
        for field in ("top_values", "rank_histogram"):
            rest.string_stats.ClearField(field)
    return rest


def _add_quantiles(
    diff: Diff, name: str, first: statistics_pb2.NumericStatistics, second: statistics_pb2.NumericStatistics
) -> None:
    """An edge of a bin may lie between the neighbours that it has on the other side.

    With 50 bins, these are 2 % of the rows below and above it; a sketch is right up to 1 %.
    """
    edges, others = _edges(first), _edges(second)
    diff.add(f"{name}/edges", len(edges), len(others))
    if len(edges) != len(others) or not edges:
        return
    last, middle = len(edges) - 1, len(edges) // 2
    pairs = [(f"edges/{place}", place, edges[place], others[place]) for place in range(len(edges))]
    for field, place, edge, other in [*pairs, ("median", middle, first.median, second.median)]:
        between = others[max(place - 1, 0)] <= edge <= others[min(place + 1, last)]
        diff.add(f"{name}/{field}", edge, other, allowed=between)
    rows = [
        [bucket.sample_count for bucket in histogram.buckets]
        for side in (first, second)
        for histogram in side.histograms
        if histogram.type == statistics_pb2.Histogram.STANDARD
    ]
    for place, (count, other) in enumerate(zip_longest(*rows, fillvalue=None) if len(rows) > 1 else ()):
        close = None not in (count, other) and abs(count - other) <= sum(rows[0]) / last
        diff.add(f"{name}/histogram/{place}", count, other, allowed=close)


def _edges(numbers: statistics_pb2.NumericStatistics) -> list[float]:
    """The edges of bins with equally many values, rising."""
    for histogram in numbers.histograms:
        if histogram.type == statistics_pb2.Histogram.QUANTILES and histogram.buckets:
            return [histogram.buckets[0].low_value, *(bucket.high_value for bucket in histogram.buckets)]
    return []


def _add_frequent(
    diff: Diff, name: str, first: statistics_pb2.StringStatistics, second: statistics_pb2.StringStatistics
) -> None:
    """If the sketch has fewer places than there are values, it may list other values, with counts a little off."""
    exact = len(first.rank_histogram.buckets) >= first.unique
    bound = first.common_stats.tot_num_values / PLACES
    sides = [
        [(value.value, value.frequency) for value in side.top_values]
        + [(bucket.label, bucket.sample_count) for bucket in side.rank_histogram.buckets]
        for side in (first, second)
    ]
    for place, (value, other) in enumerate(zip_longest(*sides)):
        close = None not in (value, other) and abs(value[1] - other[1]) <= bound
        diff.add(f"{name}/{place}", value, other, allowed=not exact and close)
