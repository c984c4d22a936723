"""The order of columns in the packed tensors: by request or candidate, by kind, then as in the table."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

from transforms.feature import Feature, Kind, Per

VOCABULARY_KINDS: tuple[Kind, ...] = ("category", "categories")
ID_KINDS: tuple[Kind, ...] = (*VOCABULARY_KINDS, "hashed")
FLOAT_KINDS: tuple[Kind, ...] = ("numeric", "vector")


def width(feature: Feature) -> int:
    """Columns of a feature in the packed tensors; a numeric one has two, its z-score and whether it is present."""
    if feature.kind == "numeric":
        return 2
    return feature.length if feature.kind in ("categories", "vector") else 1


def columns(features: Iterable[Feature]) -> int:
    """Columns of several features."""
    return sum(width(feature) for feature in features)


@dataclass(frozen=True)
class Block:
    """The features that are the same for all candidates of a request, or those that differ."""

    per: Per
    features: tuple[Feature, ...]

    def of_kind(self, *kinds: Kind) -> tuple[Feature, ...]:
        """The block's features of these kinds, kind by kind."""
        return tuple(feature for kind in kinds for feature in self.features if feature.kind == kind)

    @property
    def ids(self) -> tuple[Feature, ...]:
        """Features with ids, in column order."""
        return self.of_kind(*ID_KINDS)

    @property
    def floats(self) -> tuple[Feature, ...]:
        """Features of floats, in column order."""
        return self.of_kind(*FLOAT_KINDS)


def blocks_of(features: tuple[Feature, ...]) -> tuple[Block, ...]:
    """The blocks in column order, requests' first; one without features is left out."""
    blocks = (Block(per, tuple(one for one in features if one.per == per)) for per in get_args(Per))
    return tuple(block for block in blocks if block.features)
