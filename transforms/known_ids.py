"""The hashed ids that a model has learned. Any other id counts as missing, even if it shares a bucket with one.

A bucket of a hash has one embedding row for all its ids. A model that keeps the Transform of another one must not score
a new show with the row of an old show, so it needs the ids themselves, not only their buckets.

The ids are a file, an asset of the SavedModel. In the graph itself they would count toward its limit of 2 GB. Each line
is one id in base64, because ids may hold line ends.
"""

import base64
import tempfile
from collections.abc import Mapping
from pathlib import Path

import tensorflow as tf

from transforms.feature import Feature
from transforms.learned import SEPARATOR

Known = Mapping[str, tuple[str, ...]]
"""By hashed feature, its ids. Features that share embedding rows (`Feature.shares`) share the ids of the owner."""


_FILE = "coldcast_known_ids.txt"
_NO_ID = b"="  # never the base64 of an id; a table needs at least one line


def owner(feature: Feature) -> str:
    """The feature whose ids and embedding rows a hashed feature uses."""
    return feature.shares or feature.name


class KnownIds:
    """Hides the ids that a model does not know.

    Attributes:
        table: the ids; an exported function that uses it must track it.
    """

    def __init__(self, known: Known) -> None:
        """Makes the table of ids.

        Args:
            known: the ids by feature. Ids that are not UTF-8 hold lone surrogates.
        """
        self._features = frozenset(known)
        self._folder = tempfile.TemporaryDirectory()  # until this object goes; an export copies the file
        path = Path(self._folder.name, _FILE)
        with path.open("wb") as file:
            file.write(_NO_ID + b"\n")
            for name, values in known.items():
                for value in values:
                    key = (name + SEPARATOR + value).encode("utf-8", "surrogateescape")
                    file.write(base64.urlsafe_b64encode(key).rstrip(b"=") + b"\n")
        whole, number = tf.lookup.TextFileIndex.WHOLE_LINE, tf.lookup.TextFileIndex.LINE_NUMBER
        initializer = tf.lookup.TextFileInitializer(str(path), tf.string, whole, tf.int64, number)
        self.table = tf.lookup.StaticHashTable(initializer, default_value=-1)

    def hide_others(
        self, features: tuple[Feature, ...], raw: Mapping[str, tf.Tensor | tf.RaggedTensor]
    ) -> dict[str, tf.Tensor | tf.RaggedTensor]:
        """`raw` with an empty string, which means missing, in place of each unknown id."""
        result = dict(raw)
        for feature in features:
            name = owner(feature)
            if feature.storage.encoding != "hash" or name not in self._features:
                continue

            def kept(values: tf.Tensor, name: str = name) -> tf.Tensor:
                keys = tf.io.encode_base64(name + SEPARATOR + values)
                return tf.where(self.table.lookup(keys) >= 0, values, "")

            value = raw[feature.name]
            ragged = isinstance(value, tf.RaggedTensor)
            result[feature.name] = tf.ragged.map_flat_values(kept, value) if ragged else kept(value)
        return result
