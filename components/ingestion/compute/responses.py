"""When the responses of impressions became known (docs/data.md#response-history)."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from components.ingestion.compute.event_windows import known_at
from transforms.domain import Domain


@dataclass(frozen=True)
class Responses:
    """The responses of impressions, each kind of an impression once.

    Attributes:
        impression: int64, the position of the impression.
        kind: int64, an index of `domain.response_kinds`.
        known: int64 microseconds, when the first interaction of the kind that belongs to the impression was known.
    """

    impression: np.ndarray
    kind: np.ndarray
    known: np.ndarray


def first_responses(belongs_to: np.ndarray, interactions: pl.DataFrame, domain: Domain) -> Responses:
    """The responses, by impression and kind.

    Args:
        belongs_to: int64 per interaction, the position of the impression it belongs to, -1 for none.
        interactions: timestamp, kind (index of `domain.kinds`), and listened_ms.
        domain: the kinds that make labels.
    """
    responding = np.flatnonzero(belongs_to >= 0)
    impression, acts = belongs_to[responding], interactions[responding]
    kind, known = acts["kind"].to_numpy().astype(np.int64), known_at(acts, domain)  # the kinds of labels come first
    order = np.lexsort((known, kind, impression))
    impression, kind, known = impression[order], kind[order], known[order]
    first = np.ones(len(order), bool)
    first[1:] = (impression[1:] != impression[:-1]) | (kind[1:] != kind[:-1])
    return Responses(impression[first], kind[first], known[first])
