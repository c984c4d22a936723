"""The pass of Beam that learns the quantiles of all numbers, and their file.

A model may put numbers into bins of equally many rows. That is a setting of the model, and a new setting must not run
Transform again. So Transform always learns the boundaries.
"""

from collections.abc import Iterable

import apache_beam as beam
import numpy as np
import tensorflow as tf
import tensorflow_transform as tft
from apache_beam.pvalue import PCollection
from tensorflow_transform.beam.experimental import PTransformAnalyzer

from transforms.analyzer import write_asset
from transforms.feature import Feature
from transforms.learned import QUANTILES, quantiles_text
from transforms.statistics import FARTHEST_SCORE, Moments, RowSample

Accumulator = tuple[Moments, RowSample]


def quantile_file(numbers: tf.Tensor, features: tuple[Feature, ...]) -> None:
    """Writes `quantiles.json` from float32 [n, values] over all rows, NaN where missing.

    No operation of the graph reads the file: it lies beside the graph for models.

    Args:
        numbers: the values that become z-scores, side by side.
        features: the features of these values, in column order; if there are none, there is no file.
    """
    if features:
        tft.experimental.ptransform_analyzer(
            [numbers],
            _LearnQuantiles(features),
            [tf.string],
            [[]],
            output_asset_default_values=[quantiles_text({})],  # while the graph is traced and nothing is learned yet
            name="quantiles",
        )


class _LearnQuantiles(PTransformAnalyzer):
    """Batches of float32 [n, values] in; the path of `quantiles.json` out."""

    def __init__(self, features: tuple[Feature, ...]) -> None:
        super().__init__()
        self._features = features

    def expand(self, batches: PCollection) -> PCollection:
        learned = batches | "Merge" >> beam.CombineGlobally(_MergeSamples(_values(self._features)))
        return learned | "Write" >> beam.Map(_write, self._features, str(self.base_temp_dir))


class _MergeSamples(beam.CombineFn):
    """The moments of all rows, which give z-scores their scale, and a sample of rows."""

    def __init__(self, columns: int) -> None:
        self._columns = columns

    def create_accumulator(self) -> Accumulator:
        return Moments.none(self._columns), RowSample(self._columns)

    def add_input(self, accumulator: Accumulator, batch: tuple[np.ndarray]) -> Accumulator:
        moments, sample = accumulator
        sample.add(batch[0])
        return moments.merge(Moments.of(batch[0])), sample

    def merge_accumulators(self, accumulators: Iterable[Accumulator]) -> Accumulator:
        merged, sample = self.create_accumulator()
        for moments, other in accumulators:
            merged = merged.merge(moments)
            sample.merge(other)
        return merged, sample

    def compact(self, accumulator: Accumulator) -> Accumulator:
        accumulator[1].compact()  # before it travels
        return accumulator

    def extract_output(self, accumulator: Accumulator) -> Accumulator:
        return accumulator


def _write(learned: Accumulator, features: tuple[Feature, ...], folder: str) -> np.ndarray:
    moments, sample = learned
    mean, scale = (part.astype(np.float32)[:, None] for part in (moments.mean, moments.scale()))
    scores = np.clip((sample.quantiles() - mean) * scale, -FARTHEST_SCORE, FARTHEST_SCORE)
    rows = iter(np.nan_to_num(scores).tolist())  # bins without width in a column without values
    by_feature = {feature.name: tuple(tuple(next(rows)) for _ in range(_values((feature,)))) for feature in features}
    return write_asset(folder, QUANTILES, quantiles_text(by_feature))


def _values(features: tuple[Feature, ...]) -> int:
    return sum(feature.storage.values(feature.length) for feature in features)
