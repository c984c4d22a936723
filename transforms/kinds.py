"""The kinds of features, one row each: how values are stored, missing, packed, learned, and compared.

Schema, Transform, packing, serving, and ingestion read this table. Adding a kind is adding a row here and, if values are
to be encoded in a new way, its operation in `transforms/preprocessing.py`. Free of TensorFlow, since clients import it.
"""

import math
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

KindName = Literal["numeric", "category", "categories", "hashed", "vector"]


@dataclass(frozen=True)
class Kind:
    """A kind of feature.

    Attributes:
        value: what one value is: a float32 `number`, or a `text` in UTF-8.
        several: values of one row: one (`None`), any number up to `length` (`ragged`), exactly `length` (`fixed`).
        packed: the tensor of packed inputs that holds it.
        encoding: how Transform turns values into inputs (`transforms/preprocessing.py` says more).
        compared: the threshold that its distribution is held to by default, None if it is not compared.
        about: the kind in a few words, for messages and docs.
    """

    value: Literal["number", "text"]
    several: Literal["ragged", "fixed"] | None
    packed: Literal["ids", "floats"]
    encoding: Literal["z_score", "vocabulary", "hash", "as_is"]
    compared: Literal["numeric", "category"] | None
    about: str

    @property
    def is_number(self) -> bool:
        """Whether values are float32; they are strings else."""
        return self.value == "number"

    @property
    def arrow(self) -> pa.DataType:
        """The Arrow type of its column in the labelled impressions."""
        scalar = pa.float32() if self.is_number else pa.string()
        return pa.list_(scalar) if self.several else scalar

    @property
    def missing(self) -> float | str:
        """What stands for a missing value in tensors: NaN or the empty string."""
        return math.nan if self.is_number else ""

    def shape(self, rows: int | None, length: int) -> tuple[int | None, ...]:
        """The shape of `rows` rows as a dense tensor; the second dimension is `length` values where there are several."""
        if self.several is None:
            return (rows,)
        return (rows, length)

    def columns(self, length: int) -> int:
        """Columns of one feature in the packed tensor; a z-score is followed by whether the value is present."""
        if self.encoding == "z_score":
            return 2
        return length if self.several else 1


FEATURE_KINDS: dict[KindName, Kind] = {
    "numeric": Kind("number", None, "floats", "z_score", "numeric", "one number, z-scored"),
    "category": Kind("text", None, "ids", "vocabulary", "category", "one string, from a vocabulary"),
    "categories": Kind("text", "ragged", "ids", "vocabulary", "category", "several strings, from a vocabulary"),
    "hashed": Kind("text", None, "ids", "hash", None, "one string of high cardinality, hashed"),
    "vector": Kind("number", "fixed", "floats", "as_is", "numeric", "numbers of fixed length"),
}


def kinds_with(encoding: str) -> tuple[KindName, ...]:
    """The kinds of one encoding, in the table's order."""
    return tuple(name for name, kind in FEATURE_KINDS.items() if kind.encoding == encoding)
