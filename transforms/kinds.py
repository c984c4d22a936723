"""The kinds of features, one row each: how values are stored, missing, packed, learned, and compared.

Schema, Transform, packing, serving, and ingestion read this table. A new kind is a new row. Only a new `encoding` needs
code, its operation in `transforms/preprocessing.py`. The module is free of TensorFlow, since clients import it.
"""

import math
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

Several = Literal["ragged", "fixed"]
Packed = Literal["ids", "floats"]
Encoding = Literal["vocabulary", "hash", "z_score", "as_is"]

ENCODINGS: dict[Packed, tuple[Encoding, ...]] = {"ids": ("vocabulary", "hash"), "floats": ("z_score", "as_is")}
"""The encodings of each packed tensor, in column order. Ids are made of text, floats of numbers."""

QUANTILE_BINS = 64
"""Transform cuts the values of each z-scored number into this many bins by quantiles; a model may join neighbours."""


@dataclass(frozen=True)
class Kind:
    """A kind of feature.

    Attributes:
        encoding: how Transform turns values into inputs (`transforms/preprocessing.py` says more).
        several: number of values of one row: one (`None`), any number, of which the first `length` are kept (`ragged`),
            or exactly `length` (`fixed`).
        compared: the threshold that its distribution is held to by default, None if it is not compared.
        about: the kind in a few words, for messages and docs.
        length_is: the meaning of a feature's `length`, None where a row has one value.
    """

    encoding: Encoding
    several: Several | None
    compared: Literal["numeric", "category"] | None
    about: str
    length_is: str | None = None

    @property
    def packed(self) -> Packed:
        """The tensor of packed inputs that holds it."""
        return "ids" if self.encoding in ENCODINGS["ids"] else "floats"

    @property
    def is_number(self) -> bool:
        """Whether values are float32 numbers; they are text in UTF-8 otherwise."""
        return self.packed == "floats"

    @property
    def arrow(self) -> pa.DataType:
        """The Arrow type of its column in the labelled impressions."""
        scalar = pa.float32() if self.is_number else pa.string()
        return pa.list_(scalar) if self.several else scalar

    @property
    def dtype(self) -> Literal["float32", "string"]:
        """TensorFlow's name for the type of its tensors."""
        return "float32" if self.is_number else "string"

    @property
    def missing(self) -> float | str:
        """The value in tensors that stands for a missing one: NaN or the empty string."""
        return math.nan if self.is_number else ""

    def shape(self, rows: int | None, length: int | None) -> tuple[int | None, ...]:
        """The shape of `rows` rows as a dense tensor, with `length` as the second dimension of several values."""
        return (rows, length) if self.several else (rows,)

    def served_shape(self, length: int) -> tuple[int | None, ...]:
        """The shape in serving signatures: any number of rows, and of values where their number varies."""
        return self.shape(None, None if self.several == "ragged" else length)

    def values(self, length: int) -> int:
        """Values of one row that a model gets from a feature of this `length`."""
        return length if self.several else 1

    def columns(self, length: int) -> int:
        """Columns in the packed tensor: one for each value; two for a z-score, the second for whether it is present."""
        return self.values(length) * (2 if self.encoding == "z_score" else 1)


FEATURE_KINDS: dict[str, Kind] = {
    "numeric": Kind("z_score", None, "numeric", "one number, z-scored"),
    "category": Kind("vocabulary", None, "category", "one string, from a vocabulary"),
    "categories": Kind(
        "vocabulary", "ragged", "category", "several strings, from a vocabulary", "how many values are kept"
    ),
    "hashed": Kind("hash", None, None, "one string of high cardinality, hashed"),
    "hashed_list": Kind(
        "hash", "ragged", None, "several strings of high cardinality, hashed", "how many values are kept"
    ),
    "vector": Kind("as_is", "fixed", "numeric", "numbers of fixed length", "the vectors' dimension"),
}


def kinds_with(encoding: Encoding) -> tuple[str, ...]:
    """The kinds of one encoding, in the table's order."""
    return tuple(name for name, kind in FEATURE_KINDS.items() if kind.encoding == encoding)
