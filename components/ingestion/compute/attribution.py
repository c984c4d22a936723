"""Which impression each interaction belongs to (docs/data.md#labels)."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from components.ingestion.compute.timeline import Clock, Timeline
from logs.times import DAY_US, date_of
from transforms.domain import STREAM, Domain, Label

OUTCOMES = ("direct", "last_touch", "organic", "not_qualifying")


@dataclass(frozen=True)
class Attribution:
    """The outcome of each interaction, and the labels of each impression.

    Attributes:
        outcome: uint8 per interaction, an index of `OUTCOMES`.
        impression: int64 per interaction, the position of the impression it belongs to, -1 for none.
        labels: int64 0/1 per impression, by label.
    """

    outcome: np.ndarray
    impression: np.ndarray
    labels: dict[str, np.ndarray]

    def counts_by_day(self, timestamps: np.ndarray) -> dict[date, dict[str, int]]:
        """Number of interactions by day and outcome, from the timestamp of each interaction (int64 microseconds)."""
        day = timestamps // DAY_US
        return {date_of(number): _counts(self.outcome[day == number]) for number in np.unique(day).tolist()}


def _counts(outcome: np.ndarray) -> dict[str, int]:
    return dict(zip(OUTCOMES, np.bincount(outcome, minlength=len(OUTCOMES)).tolist(), strict=True))


def attribute(impressions: pl.DataFrame, interactions: pl.DataFrame, domain: Domain) -> Attribution:
    """Attributes interactions to impressions of the same pair of user and show.

    Args:
        impressions: pair (int64 >= 0), timestamp (int64 microseconds), impression_id (unique strings).
        interactions: pair (int64, -1 for a search without show), timestamp, kind (index of `domain.kinds`),
            listened_ms, impression_id (null if the interaction names none).
        domain: labels with their kinds, windows and shortest streams.
    """
    kind = interactions["kind"].to_numpy()
    accepted = {name: _accepted(label, interactions, domain) for name, label in domain.labels.items()}
    chosen = np.flatnonzero(np.logical_or.reduce(list(accepted.values())))
    acts = interactions[chosen]
    pair, time = acts["pair"].to_numpy(), acts["timestamp"].to_numpy()
    windows = domain.windows_us
    window = np.array([windows.get(name, 0) for name in domain.kinds], np.int64)[kind[chosen]]
    shown_pair, shown_at = impressions["pair"].to_numpy(), impressions["timestamp"].to_numpy()

    def falls_in_window(shown: np.ndarray) -> np.ndarray:
        inside = shown >= 0
        elapsed = time[inside] - shown_at[shown[inside]]
        inside[inside] = (shown_pair[shown[inside]] == pair[inside]) & (elapsed >= 0) & (elapsed < window[inside])
        return inside

    named = _named(impressions, acts)
    direct = falls_in_window(named)
    latest = _latest(impressions, pair, time)
    last_touch = ~direct & falls_in_window(latest)

    belongs = np.where(direct, named, np.where(last_touch, latest, -1))
    outcome = np.full(len(interactions), OUTCOMES.index("not_qualifying"), np.uint8)
    outcome[chosen] = np.where(direct, 0, np.where(last_touch, 1, 2))
    impression = np.full(len(interactions), -1, np.int64)
    impression[chosen] = belongs
    labels: dict[str, np.ndarray] = {name: np.zeros(len(impressions), np.int64) for name in domain.labels}
    for name, values in labels.items():
        values[belongs[(belongs >= 0) & accepted[name][chosen]]] = 1
    return Attribution(outcome, impression, labels)


def _accepted(label: Label, interactions: pl.DataFrame, domain: Domain) -> np.ndarray:
    """Whether each interaction is of the label's kind and, for a stream, long enough."""
    accepted: np.ndarray = interactions["kind"].to_numpy() == domain.kind_code(label.kind)
    if label.kind == STREAM:
        accepted &= interactions["listened_ms"].fill_null(-1).to_numpy() >= label.min_stream_ms
    return accepted


def _named(impressions: pl.DataFrame, acts: pl.DataFrame) -> np.ndarray:
    """Position of the impression that each act names, -1 if it names none or an unknown one."""
    position = np.full(len(acts), -1, np.int64)
    naming = acts.select("impression_id").with_row_index("act").drop_nulls()
    known = impressions.select("impression_id").with_row_index("shown").join(naming, on="impression_id", how="inner")
    position[known["act"].to_numpy()] = known["shown"].to_numpy()
    return position


def _latest(impressions: pl.DataFrame, pair: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Position of each pair's latest impression at or before `time`, -1 if there is none.

    Of impressions at the same time, the one with the greater id counts as later.
    """
    if impressions.is_empty():
        return np.full(len(pair), -1, np.int64)
    # Signed: beside Polars' uint32 positions, numpy 2 would turn -1 into a large position.
    by_id = impressions["impression_id"].arg_sort().to_numpy().astype(np.int64)
    shown_pair, shown_at = impressions["pair"].to_numpy()[by_id], impressions["timestamp"].to_numpy()[by_id]
    clock = Clock(shown_at)
    timeline = Timeline(clock, shown_pair, clock.tick(shown_at))
    last = timeline.before(pair, clock.tick(time + 1)) - 1
    position = by_id[timeline.order][np.maximum(last, 0)]
    same = (last >= 0) & (impressions["pair"].to_numpy()[position] == pair)
    return np.where(same, position, -1)
