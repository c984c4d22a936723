"""The Transform graph: raw features in, packed blocks of ids and floats out. An encoding is an operation here.

    z_score     (x - mean) / deviation over the present training values, with log(1 + max(x, 0)) for x if `log` is set;
                within [-100, 100]; 0 where missing (absent, NaN, or infinite); followed by 1.0 where present, else 0.0
    as_is       x within [-1e6, 1e6], 0 where missing
    vocabulary  0 missing, 1 not in the vocabulary, else 2 + rank
    hash        0 missing, else 1 + FarmHash64 mod buckets

A feature with several values has them side by side, the first `length` of them, then missing ones.

Features that are the same for all candidates of a request make the blocks `request_ids` and `request_floats`, the
others `candidate_ids` and `candidate_floats`. No operation mixes the two: the features of a request are computed once,
for any number of candidates. A few wide operations replace many narrow ones, since a small graph is a fast one.
"""

import contextlib
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any, TypeVar

import tensorflow as tf
import tensorflow_transform as tft

from transforms.analyzer import Vocabularies, mean_and_scale, vocabulary_file
from transforms.blocks import Block, blocks_of
from transforms.config import TransformConfig
from transforms.feature import Feature
from transforms.learned import DELIMITER, MISSING_ID, OTHER_ID, SEPARATOR
from transforms.quantile_analyzer import quantile_file
from transforms.statistics import FARTHEST_SCORE

Raw = Mapping[str, tf.Tensor | tf.RaggedTensor]
_Setting = TypeVar("_Setting")
_FARTHEST_NUMBER = 1e6
"""Beyond any real data, as `FARTHEST_SCORE`. A request may have numbers near the largest float32, which would overflow
in the model."""
_HASHES = 2**62
"""The range of hashes before they are reduced to buckets, far above any number of buckets."""


def preprocessing_fn(inputs: Raw, custom_config: Mapping[str, Any]) -> dict[str, tf.Tensor]:
    """The function that TFX's Transform runs.

    Args:
        inputs: raw features, by the kind (`transforms/kinds.py`): one value [n], `ragged` [n, any], `fixed`
            [n, length]; float32 with NaN where missing, or string with "" where missing.
        custom_config: `FeaturesConfig.for_transform`.

    Returns:
        `request_ids` and `candidate_ids` int64 [n, columns], each id local to its feature, `request_floats` and
        `candidate_floats` float32 [n, columns]; `transforms.packed` maps columns to features. A block without
        features is absent.
    """
    config = TransformConfig.model_validate(custom_config["features"])
    table = config.table
    blocks = blocks_of(table)
    numbers = [_numbers(block, inputs) for block in blocks]
    values = [_values(block, inputs) for block in blocks]
    all_numbers = tf.concat(numbers, axis=1)
    mean, scale = mean_and_scale(all_numbers)
    quantile_file(all_numbers, tuple(feature for block in blocks for feature in block.encoded("z_score")))
    vocabularies = Vocabularies(
        widths=tuple((feature.name, feature.width) for block in blocks for feature in block.encoded("vocabulary")),
        size=config.vocabulary_size,
        min_count=config.vocabulary_min_count,
        table=table,
    )
    lookup = _lookup(vocabulary_file(tf.concat(values, axis=1), vocabularies))
    outputs, start = {}, 0
    for block, block_numbers, block_values in zip(blocks, numbers, values, strict=True):
        end = start + block_numbers.shape[1]
        scores = (block_numbers - mean[start:end]) * scale[start:end]
        start = end
        if block.ids:
            outputs[f"{block.per}_ids"] = _ids(block, block_values, lookup, inputs)
        if block.floats:
            outputs[f"{block.per}_floats"] = _floats(block, scores, inputs)
    return outputs


def _numbers(block: Block, inputs: Raw) -> tf.Tensor:
    """Values to z-score float32 [n, k], logarithms taken, NaN where missing."""
    features = block.encoded("z_score")
    if not features:
        return tf.zeros([_rows(block, inputs), 0])
    dense = _dense(features, inputs)
    finite = tf.where(tf.math.is_finite(dense), dense, float("nan"))
    logged = tf.constant(_by_value(features, [feature.log for feature in features]))
    return tf.where(logged, tf.math.log1p(tf.maximum(finite, 0.0)), finite)


def _values(block: Block, inputs: Raw) -> tf.Tensor:
    """Values with a vocabulary string [n, columns], "" where missing and after the last of several."""
    features = block.encoded("vocabulary")
    return _dense(features, inputs) if features else tf.fill([_rows(block, inputs), 0], "")


def _dense(features: tuple[Feature, ...], inputs: Raw) -> tf.Tensor:
    """One or more features, in which those of a kind are neighbours, as a dense tensor [n, values of all features]."""
    parts = []
    for kind, same in groupby(features, lambda feature: feature.storage):
        if kind.several is None:
            parts.append(tf.stack([inputs[feature.name] for feature in same], axis=1))
        elif kind.several == "fixed":
            parts += [inputs[feature.name] for feature in same]
        else:
            parts += [
                inputs[feature.name].to_tensor(default_value=kind.missing, shape=[None, feature.length])
                for feature in same
            ]
    return tf.concat(parts, axis=1)


def _by_value(features: tuple[Feature, ...], settings: Iterable[_Setting]) -> list[_Setting]:
    """A setting of each feature, repeated for each of its values."""
    pairs = zip(features, settings, strict=True)
    return [setting for feature, setting in pairs for _ in range(feature.storage.values(feature.length))]


def _rows(block: Block, inputs: Raw) -> tf.Tensor:
    first = inputs[block.features[0].name]
    return first.nrows() if isinstance(first, tf.RaggedTensor) else tf.shape(first, tf.int64)[0]


def _lookup(path: tf.Tensor) -> Callable[[tf.Tensor], tf.Tensor]:
    """From `name`, separator, value to ids; all blocks share one table."""
    tables: list[tf.lookup.StaticHashTable] = []

    def find(keys: tf.Tensor, file: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        if not tables:
            # While the graph is traced for its inputs there is no file yet, only a placeholder inside the graph.
            with contextlib.nullcontext() if tf.is_symbolic_tensor(file) else tf.init_scope():
                initializer = tf.lookup.TextFileInitializer(file, tf.string, 0, tf.int64, 1, delimiter=DELIMITER)
                tables.append(tf.lookup.StaticHashTable(initializer, default_value=OTHER_ID))
        return tables[0].lookup(keys), tables[0].size()

    return lambda keys: tft.apply_vocabulary(keys, path, lookup_fn=find)


def _ids(block: Block, values: tf.Tensor, lookup: Callable[[tf.Tensor], tf.Tensor], inputs: Raw) -> tf.Tensor:
    parts = []
    if features := block.encoded("vocabulary"):
        prefixes = _by_value(features, [feature.name + SEPARATOR for feature in features])
        parts.append(lookup(prefixes + values))
    if features := block.encoded("hash"):
        texts = _dense(features, inputs)
        buckets = tf.constant(_by_value(features, [feature.buckets for feature in features]), tf.int64)
        hashes = tf.strings.to_hash_bucket_fast(texts, _HASHES)
        parts.append(tf.where(tf.equal(texts, ""), tf.constant(MISSING_ID, tf.int64), 1 + hashes % buckets))
    return tf.concat(parts, axis=1)


def _floats(block: Block, scores: tf.Tensor, inputs: Raw) -> tf.Tensor:
    parts = []
    if width := scores.shape[1]:
        present = ~tf.math.is_nan(scores)
        kept = tf.clip_by_value(tf.where(present, scores, 0.0), -FARTHEST_SCORE, FARTHEST_SCORE)
        pairs = tf.stack([kept, tf.cast(present, tf.float32)], axis=2)
        parts.append(tf.reshape(pairs, [-1, 2 * width]))
    if features := block.encoded("as_is"):
        dense = _dense(features, inputs)
        finite = tf.where(tf.math.is_finite(dense), dense, 0.0)
        parts.append(tf.clip_by_value(finite, -_FARTHEST_NUMBER, _FARTHEST_NUMBER))
    return tf.concat(parts, axis=1)
