"""Outcomes of interactions on days that labelling does not count: no day to label has them in its reach."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from components.ingestion.compute.attribution import attribute
from components.ingestion.compute.buckets import encode, pairs
from components.ingestion.steps.users import EventDay, read_events
from transforms.domain import Domain


@dataclass(frozen=True)
class CountOutcomes:
    """A work item: one bucket of users; `impressions` are all that interactions of `interactions` may belong to."""

    bucket: int
    impressions: tuple[EventDay, ...]
    interactions: tuple[EventDay, ...]
    domain: Domain


@dataclass(frozen=True)
class CountedOutcomes:
    """Interactions of a bucket by day and outcome."""

    by_day: dict[date, dict[str, int]]


def count_outcomes(item: CountOutcomes) -> CountedOutcomes:
    """Attributes the interactions and counts what became of them."""
    impressions, interactions = (read_events(days, item.bucket) for days in (item.impressions, item.interactions))
    (user, acting), _ = encode(impressions["user_id"], interactions["user_id"])
    (show, acted), names = encode(impressions["show_id"], interactions["show_id"])
    shown_pair, acted_pair = pairs((user, show), (acting, acted), len(names))
    attribution = attribute(
        impressions.with_columns(pair=pl.Series(shown_pair)),
        interactions.with_columns(pair=pl.Series(acted_pair)),
        item.domain,
    )
    return CountedOutcomes(attribution.counts_by_day(np.asarray(interactions["timestamp"])))
