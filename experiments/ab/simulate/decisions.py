"""The candidates of each shown ad, as off-policy estimates need them in the logs, with the world's probabilities."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from experiments.ab.measures.metrics import CLICK
from experiments.ab.off_policy.candidates import prediction_column
from experiments.ab.simulate.market import Auctioned
from simulation.arrays import Floats, Ints, rank_in_group
from simulation.arrow import pick
from simulation.clock import numbers_of_day
from simulation.day import Day
from simulation.effects import TERMS
from simulation.impressions import Impressions
from simulation.names import OUTCOMES
from simulation.response import logits_of, probabilities_of, terms_of
from simulation.tables import Names, impression_ids
from simulation.world import World
from transforms.domain import STREAM

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(7)


def decisions_of(world: World, names: Names, day: Day, auctioned: Auctioned, intercepts: Floats) -> pa.Table:
    """A row for each candidate of each ad that the day showed (docs/ab.md#the-table-decisions).

    Besides the columns of the contract, `p_stream` and `p_click`: the probabilities that the world gives the candidate
    in place of the ad that was shown, over all degrees of attention.
    """
    shown = day.shown
    if shown is None:
        raise ValueError(f"day {day.number} shows nothing")
    rows = np.flatnonzero(shown.is_ad)
    sale, k = shown.sale[rows], auctioned.campaign.shape[1]

    def flat(values: NDArray[np.generic]) -> pa.Array:
        return pa.array(values[sale].ravel())

    truth = _probabilities(world, shown, rows, auctioned, intercepts)
    columns = {
        "impression_id": impression_ids(np.repeat(numbers_of_day(day.number, len(shown))[rows], k)),
        "candidate": pa.array(np.tile(np.arange(k), len(rows))),
        "show_id": pick(names.shows, world.ads.show[auctioned.campaign[sale]].ravel()),
        "campaign_id": pick(names.ads, auctioned.campaign[sale].ravel()),
        "creative_id": pick(names.creatives, auctioned.creative[sale].ravel()),
        "chosen": pa.array((auctioned.chosen[sale][:, None] == np.arange(k)).ravel()),
        "may_bid": flat(auctioned.may_bid),
        "probability": flat(auctioned.probability),
        "bid_micros": flat(auctioned.bid),
    }
    for model, predictions in auctioned.predictions.items():
        columns |= {prediction_column(label, model): flat(rates) for label, rates in predictions.items()}
    for label in (STREAM, CLICK):
        columns[f"p_{label}"] = pa.array(truth[:, OUTCOMES.index(label)])
    return pa.table(columns)


def _probabilities(
    world: World, shown: Impressions, rows: Ints, auctioned: Auctioned, intercepts: Floats
) -> NDArray[np.float64]:
    """The probabilities of the outcomes of every candidate, had it been shown; [rows * k, outcomes]."""
    k = auctioned.campaign.shape[1]
    ads, sale = shown.take(np.repeat(rows, k)), shown.sale[rows]
    campaign = auctioned.campaign[sale].ravel()
    others = replace(
        ads,
        show=world.ads.show[campaign],
        episode=auctioned.episode[sale].ravel(),
        placement=auctioned.placement[sale].ravel(),
        campaign=campaign,
        creative=auctioned.creative[sale].ravel(),
    )
    # `terms_of` counts the rows before as impressions of the day. Candidates are none, so their rank is taken back.
    rank = rank_in_group(others.user * len(world.shows.rank) + others.show)
    times = auctioned.times_shown[sale].ravel() + _earlier(world, shown, np.repeat(rows, k), others.show) - rank
    terms = terms_of(world, others, times, auctioned.familiar[sale].ravel(), np.zeros(len(others)))
    attention = list(TERMS).index("attention")
    probabilities = np.zeros((len(others), len(OUTCOMES)))
    for node, weight in zip(_NODES, _WEIGHTS / _WEIGHTS.sum(), strict=True):
        terms[:, attention] = node
        probabilities += weight * probabilities_of(logits_of(others, terms, intercepts))
    return probabilities


def _earlier(world: World, shown: Impressions, rows: Ints, show: Ints) -> Ints:
    """How often each show was shown to the user of each row earlier on the day; rows of `shown` and shows, [n]."""
    shows, n = len(world.shows.rank), len(shown)
    keys = (shown.user * shows + shown.show) * n + np.arange(n)
    keys.sort()
    first = (shown.user[rows] * shows + show) * n
    return np.asarray(np.searchsorted(keys, first + rows) - np.searchsorted(keys, first))
