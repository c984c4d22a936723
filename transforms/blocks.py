"""The order of columns in the packed tensors: by request or candidate, encoding, kind, and last as in the table."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

from transforms.feature import Feature, Per
from transforms.kinds import ENCODINGS, Encoding, kinds_with


def columns(features: Iterable[Feature]) -> int:
    """Columns of several features in a packed tensor."""
    return sum(feature.width for feature in features)


@dataclass(frozen=True)
class Block:
    """The features that are the same for all candidates of a request, or those that differ."""

    per: Per
    features: tuple[Feature, ...]

    def encoded(self, *encodings: Encoding) -> tuple[Feature, ...]:
        """The block's features with these encodings, in column order."""
        kinds = (kind for encoding in encodings for kind in kinds_with(encoding))
        return tuple(feature for kind in kinds for feature in self.features if feature.kind == kind)

    @property
    def ids(self) -> tuple[Feature, ...]:
        """Features with ids, in column order."""
        return self.encoded(*ENCODINGS["ids"])

    @property
    def floats(self) -> tuple[Feature, ...]:
        """Features of floats, in column order."""
        return self.encoded(*ENCODINGS["floats"])


def blocks_of(features: tuple[Feature, ...]) -> tuple[Block, ...]:
    """The blocks in column order, requests' first; a block without features is left out."""
    blocks = (Block(per, tuple(feature for feature in features if feature.per == per)) for per in get_args(Per))
    return tuple(block for block in blocks if block.features)
