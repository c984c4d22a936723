"""The Transform graph: raw features in, packed blocks of ids and floats out.

    numeric     z = (x - mean) / deviation over the present training values, x first log(1 + max(x, 0)) for `log`;
                within [-100, 100]; 0 where missing (absent, NaN or infinite); followed by 1.0 where present, else 0.0
    vector      as it is, within [-1e6, 1e6], 0 where missing
    category    0 missing, 1 not in the vocabulary, else 2 + rank
    categories  the same for each of the first `length` values, 0 after the last
    hashed      0 missing, else 1 + FarmHash64 mod buckets

Features that are the same for all candidates of a request make the blocks `request_ids` and `request_floats`, the
others `candidate_ids` and `candidate_floats`, and no operation mixes the two: a request's features are computed once,
whatever its number of candidates. Few wide operations rather than many narrow ones: a small graph is a fast one.
"""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

from transforms.analyzer import Vocabularies, mean_and_scale, vocabulary_file
from transforms.blocks import VOCABULARY_KINDS, Block, blocks_of, columns
from transforms.config import FeaturesConfig
from transforms.learned import DELIMITER, MISSING_ID, OTHER_ID, SEPARATOR

Raw = Mapping[str, tf.Tensor | tf.RaggedTensor]
_FARTHEST_SCORE, _FARTHEST_NUMBER = 100.0, 1e6
"""Beyond what any data has: numbers near the end of float32, which a request may hold, would overflow in the model."""
_HASHES = 2**62
"""The range of the hashes before they are put into buckets, far above any number of buckets."""


def preprocessing_fn(inputs: Raw, custom_config: Mapping[str, Any]) -> dict[str, tf.Tensor]:
    """What TFX's Transform runs.

    Args:
        inputs: raw features: `numeric` float32 [n], NaN if missing; `category` and `hashed` string [n], "" if missing;
            `categories` ragged string [n, any]; `vector` float32 [n, length], NaN if missing.
        custom_config: `FeaturesConfig.for_transform()`.

    Returns:
        `request_ids` and `candidate_ids` int64 [n, columns], each id local to its feature, `request_floats` and
        `candidate_floats` float32 [n, columns]; `transforms.packed` says which columns are which feature. A block
        without features is absent.
    """
    config = FeaturesConfig.model_validate(custom_config["features"])
    table = config.table()
    blocks = blocks_of(table)
    numbers = [_numbers(block, inputs) for block in blocks]
    values = [_values(block, inputs) for block in blocks]
    mean, scale = mean_and_scale(tf.concat(numbers, axis=1))
    vocabularies = Vocabularies(
        widths=tuple((one.name, columns([one])) for block in blocks for one in block.of_kind(*VOCABULARY_KINDS)),
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
    """Numeric features float32 [n, k], logarithms taken, NaN where missing."""
    features = block.of_kind("numeric")
    if not features:
        return tf.zeros([_rows(block, inputs), 0])
    stacked = tf.stack([inputs[feature.name] for feature in features], axis=1)
    finite = tf.where(tf.math.is_finite(stacked), stacked, float("nan"))
    logged = tf.constant([feature.log for feature in features])
    return tf.where(logged, tf.math.log1p(tf.maximum(finite, 0.0)), finite)


def _values(block: Block, inputs: Raw) -> tf.Tensor:
    """Features with a vocabulary string [n, columns], "" where missing and after the last of several."""
    single = [inputs[feature.name] for feature in block.of_kind("category")]
    several = [
        inputs[feature.name].to_tensor(default_value="", shape=[None, feature.length])
        for feature in block.of_kind("categories")
    ]
    if not single and not several:
        return tf.fill([_rows(block, inputs), 0], "")
    return tf.concat(([tf.stack(single, axis=1)] if single else []) + several, axis=1)


def _rows(block: Block, inputs: Raw) -> tf.Tensor:
    first = inputs[block.features[0].name]
    return first.nrows() if isinstance(first, tf.RaggedTensor) else tf.shape(first, tf.int64)[0]


def _lookup(path: tf.Tensor) -> Callable[[tf.Tensor], tf.Tensor]:
    """From `name`, separator, value to ids; all blocks share one table."""
    tables: list[tf.lookup.StaticHashTable] = []

    def find(keys: tf.Tensor, file: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        if not tables:
            # While only traced for its inputs there is no file yet, but a placeholder inside the graph.
            with contextlib.nullcontext() if tf.is_symbolic_tensor(file) else tf.init_scope():
                initializer = tf.lookup.TextFileInitializer(file, tf.string, 0, tf.int64, 1, delimiter=DELIMITER)
                tables.append(tf.lookup.StaticHashTable(initializer, default_value=OTHER_ID))
        return tables[0].lookup(keys), tables[0].size()

    return lambda keys: tft.apply_vocabulary(keys, path, lookup_fn=find)


def _ids(block: Block, values: tf.Tensor, lookup: Callable[[tf.Tensor], tf.Tensor], inputs: Raw) -> tf.Tensor:
    parts = []
    if features := block.of_kind(*VOCABULARY_KINDS):
        prefixes = [feature.name + SEPARATOR for feature in features for _ in range(columns([feature]))]
        parts.append(lookup(prefixes + values))
    if features := block.of_kind("hashed"):
        texts = tf.stack([inputs[feature.name] for feature in features], axis=1)
        buckets = tf.constant([feature.buckets for feature in features], tf.int64)
        hashes = tf.strings.to_hash_bucket_fast(texts, _HASHES)
        parts.append(tf.where(tf.equal(texts, ""), tf.constant(MISSING_ID, tf.int64), 1 + hashes % buckets))
    return tf.concat(parts, axis=1)


def _floats(block: Block, scores: tf.Tensor, inputs: Raw) -> tf.Tensor:
    parts = []
    if width := scores.shape[1]:
        present = ~tf.math.is_nan(scores)
        kept = tf.clip_by_value(tf.where(present, scores, 0.0), -_FARTHEST_SCORE, _FARTHEST_SCORE)
        pairs = tf.stack([kept, tf.cast(present, tf.float32)], axis=2)
        parts.append(tf.reshape(pairs, [-1, 2 * width]))
    for feature in block.of_kind("vector"):
        vector = inputs[feature.name]
        kept = tf.where(tf.math.is_finite(vector), vector, 0.0)
        parts.append(tf.clip_by_value(kept, -_FARTHEST_NUMBER, _FARTHEST_NUMBER))
    return tf.concat(parts, axis=1)
