"""What slices the test rows by how little a model has to go by: the keys of the rows, and the slices."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from logs.config import TiersConfig
from logs.tiers import tier_columns
from transforms.labelled import STREAM_TIER, TIER_MS, TIER_STREAMS

_TEXTS = ("impression_id", "source", "user_id", "show_id", "campaign_id", "creative_id")
_NUMBERS = (TIER_MS, TIER_STREAMS)
_BATCH = 4096

FIRST_DAYS = 7
"""A show is new for so many days."""


@dataclass(frozen=True)
class Keys:
    """Keys of rows, `[n]` each; a text that a row lacks is "".

    Attributes:
        impression_id, user_id: texts.
        show_age_days: float; NaN if it is not known.
        stream_tier: int.
        new_show, new_campaign, new_creative: whether the row has one that no training row has.
    """

    impression_id: np.ndarray
    user_id: np.ndarray
    show_age_days: np.ndarray
    stream_tier: np.ndarray
    new_show: np.ndarray
    new_campaign: np.ndarray
    new_creative: np.ndarray


SLICES: dict[str, Callable[[Keys], np.ndarray]] = {
    "all": lambda keys: np.ones(len(keys.user_id), bool),
    "unseen shows": lambda keys: keys.new_show,
    f"first {FIRST_DAYS} days": lambda keys: keys.show_age_days < FIRST_DAYS,
    "unseen campaigns": lambda keys: keys.new_campaign,
    "unseen creatives": lambda keys: keys.new_creative,
    "tiers 5 to 7": lambda keys: keys.stream_tier >= 5,
}
"""The slices by name; each gives a mask `[n]`. *Unseen* is what no training row has; a show is in its first days."""


def read_keys(files: Sequence[str], train_files: Sequence[str], trained_on: Sequence[str], tiers: TiersConfig) -> Keys:
    """The keys of all rows of `files`, in their order.

    Args:
        files: gzipped TFRecords of labelled tf.Examples.
        train_files: those of the train split.
        trained_on: the sources of the rows that a model learned from.
        tiers: the section `tiers` of the config.
    """
    rows, trained = _read(files), _read(train_files)
    learned = np.isin(trained["source"], trained_on)
    columns = tier_columns(rows[TIER_MS], rows[TIER_STREAMS], tiers)

    def new(name: str) -> np.ndarray:
        return ~np.isin(rows[name], np.append(trained[name][learned], ""))

    return Keys(
        impression_id=rows["impression_id"],
        user_id=rows["user_id"],
        show_age_days=rows["show_age_days"],
        stream_tier=columns[STREAM_TIER],
        new_show=new("show_id"),
        new_campaign=new("campaign_id"),
        new_creative=new("creative_id"),
    )


def _read(files: Sequence[str]) -> dict[str, np.ndarray]:
    spec = {
        **{name: tf.io.FixedLenFeature([], tf.string, "") for name in _TEXTS},
        **{name: tf.io.FixedLenFeature([], tf.int64, 0) for name in _NUMBERS},
        "show_age_days": tf.io.FixedLenFeature([], tf.float32, float("nan")),
    }
    records = tf.data.TFRecordDataset(list(files), compression_type="GZIP").batch(_BATCH)
    batches = [tf.io.parse_example(batch, spec) for batch in records]
    rows = {name: np.concatenate([batch[name].numpy() for batch in batches]) for name in spec}
    return {name: values.astype(str) if name in _TEXTS else values for name, values in rows.items()}
