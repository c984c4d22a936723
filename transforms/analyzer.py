"""The passes of Beam that learn what the transform needs: one for all numbers, one for all vocabularies.

`quantile_analyzer.py` has a third one, for models that put numbers into bins.

An analyzer of tf.Transform for each feature takes about a second before the first row, and counts its vocabulary value
by value in Python. These passes take whole batches of all features (docs/performance.md has the comparison).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import numpy as np
import tensorflow as tf
import tensorflow_transform as tft
from apache_beam.io.filesystems import FileSystems
from apache_beam.pvalue import PCollection, TaggedOutput
from tensorflow_transform.beam.experimental import PTransformAnalyzer

from transforms.feature import Feature
from transforms.learned import TABLE, VOCABULARY, table_text, vocabulary_text
from transforms.statistics import Moments, count_values, listed

Counts = dict[str, "Counter[bytes]"]


@dataclass(frozen=True)
class Vocabularies:
    """The features that get a vocabulary, and how long each may be.

    Attributes:
        widths: the name and number of columns of each feature with a vocabulary, in the order of the values' columns.
        size: the largest number of values listed for a feature.
        min_count: times a value must occur to be listed.
        table: every feature; written to a file beside the vocabularies.
    """

    widths: tuple[tuple[str, int], ...]
    size: int
    min_count: int
    table: tuple[Feature, ...]


def mean_and_scale(numbers: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Means and 1 / standard deviations of float32 [n, k] over all rows, without NaN; two float32 [k].

    The scale of a column that never changes is 0.
    """
    width = numbers.shape[1]
    if not width:
        return tf.zeros([0]), tf.zeros([0])
    mean, scale = tft.experimental.ptransform_analyzer(
        [numbers], _LearnMoments(width), [tf.float32, tf.float32], [[width], [width]], name="moments"
    )
    return mean, scale


def vocabulary_file(values: tf.Tensor, vocabularies: Vocabularies) -> tf.Tensor:
    """Writes `vocabulary.txt` from string [n, columns] over all rows, and `features.json`; the path of the first."""
    path, _ = tft.experimental.ptransform_analyzer(
        [values],
        _LearnVocabularies(vocabularies),
        [tf.string, tf.string],
        [[], []],
        # The contents of the files while the graph is traced and nothing is learned yet.
        output_asset_default_values=[vocabulary_text({"": []}), b"[]"],
        name="vocabularies",
    )
    return path


class _LearnMoments(beam.PTransform):
    """Batches of float32 [n, k] in; mean and scale out."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self._columns = columns

    def expand(self, batches: PCollection) -> Any:  # two collections: Beam warns of this type
        moments = batches | "Merge" >> beam.CombineGlobally(_MergeMoments(self._columns))
        return (
            moments | "Mean" >> beam.Map(_mean),
            moments | "Scale" >> beam.Map(_scale),
        )


def _mean(merged: Moments) -> np.ndarray:
    return merged.mean.astype(np.float32)


def _scale(merged: Moments) -> np.ndarray:
    return merged.scale().astype(np.float32)


class _MergeMoments(beam.CombineFn):
    def __init__(self, columns: int) -> None:
        self._columns = columns

    def create_accumulator(self) -> Moments:
        return Moments.none(self._columns)

    def add_input(self, moments: Moments, batch: tuple[np.ndarray]) -> Moments:
        return moments.merge(Moments.of(batch[0]))

    def merge_accumulators(self, accumulators: Iterable[Moments]) -> Moments:
        merged = self.create_accumulator()
        for moments in accumulators:
            merged = merged.merge(moments)
        return merged

    def extract_output(self, moments: Moments) -> Moments:
        return moments


class _LearnVocabularies(PTransformAnalyzer):
    """Batches of string [n, columns] in; the paths of `vocabulary.txt` and `features.json` out."""

    def __init__(self, vocabularies: Vocabularies) -> None:
        super().__init__()
        self._vocabularies = vocabularies

    def expand(self, batches: PCollection) -> Any:  # two collections: Beam warns of this type
        counts = batches | "Count" >> beam.CombineGlobally(_MergeCounts(self._vocabularies.widths))
        written = counts | "Write" >> beam.FlatMap(_write, self._vocabularies, str(self.base_temp_dir)).with_outputs(
            VOCABULARY, TABLE
        )
        return written[VOCABULARY], written[TABLE]


class _MergeCounts(beam.CombineFn):
    def __init__(self, widths: tuple[tuple[str, int], ...]) -> None:
        self._widths = widths

    def create_accumulator(self) -> Counts:
        return {name: Counter() for name, _ in self._widths}

    def add_input(self, counts: Counts, batch: tuple[np.ndarray]) -> Counts:
        column = 0
        for name, width in self._widths:
            counts[name].update(count_values(batch[0][:, column : column + width]))
            column += width
        return counts

    def merge_accumulators(self, accumulators: Iterable[Counts]) -> Counts:
        merged = self.create_accumulator()
        for counts in accumulators:
            for name, count in counts.items():
                merged[name].update(count)
        return merged

    def extract_output(self, counts: Counts) -> Counts:
        return counts


def _write(counts: Counts, vocabularies: Vocabularies, folder: str) -> Iterator[TaggedOutput]:
    values = {
        name: listed(count, size=vocabularies.size, min_count=vocabularies.min_count) for name, count in counts.items()
    }
    for name, content in ((VOCABULARY, vocabulary_text(values)), (TABLE, table_text(vocabularies.table))):
        yield TaggedOutput(name, write_asset(folder, name, content))


def write_asset(folder: str, name: str, content: bytes) -> np.ndarray:
    """Writes a file into the temporary folder of an analyzer; its path as the array that the analyzer returns."""
    if not FileSystems.exists(folder):
        FileSystems.mkdirs(folder)
    path = FileSystems.join(folder, name)
    with FileSystems.create(path) as file:
        file.write(content)
    return np.array(path)
