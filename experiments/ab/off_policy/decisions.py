"""Decisions as arrays: the candidates of each, the logging policy's probabilities and pick, and the outcomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from experiments.ab.errors import ExperimentError
from experiments.ab.measures.metrics import CLICK, SPEND
from experiments.ab.off_policy.candidates import CANDIDATE, ID, PREDICTED, TRUTH
from simulation.arrays import Bools, Floats, Ints
from transforms.domain import STREAM

_SUMS_TO = 1e-6
_LEAST = float(np.finfo(np.float64).tiny)
"""A smaller probability has no finite weight."""


@dataclass(frozen=True)
class Decisions:
    """n decisions with at most k candidates each; a place without a candidate may not bid and has probability 0.

    Attributes:
        user: [n], 0 to users - 1.
        chosen: [n], position of the candidate that was shown.
        probability: [n, k], with which the logging policy picks each candidate.
        may_bid: [n, k], which candidates a policy may pick; all, if the logs do not say.
        campaign: [n, k]; two candidates of one campaign do not bid against each other.
        bid: [n, k], for a stream, in micros; None if the logs have none.
        outcomes: by name, [n]: `stream` and `click`, 0 or 1, and `spend`, in currency.
        predictions: by model and label, [n, k].
        truth: by label, the world's own probabilities, [n, k]; only in simulated logs.
    """

    user: Ints
    chosen: Ints
    probability: NDArray[np.float64]
    may_bid: Bools
    campaign: Ints
    bid: NDArray[np.float64] | None
    outcomes: Mapping[str, NDArray[np.float64]]
    predictions: Mapping[str, Mapping[str, NDArray[np.float64]]] = field(default_factory=dict)
    truth: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.user)

    def at_chosen(self, values: Floats) -> NDArray[np.float64]:
        """The values of the candidates that were shown; [n, k] -> [n]."""
        return np.asarray(values[np.arange(len(self)), self.chosen], np.float64)


def decisions_of(rows: pl.DataFrame) -> Decisions:
    """The decisions in `Candidates.rows`, in their order.

    Raises:
        ExperimentError: a decision has no chosen candidate or several, or its probabilities do not fit.
    """
    _check(rows)
    first = rows[ID].ne_missing(rows[ID].shift()).to_numpy()
    first[0] = True
    start = np.flatnonzero(first)
    decision = np.cumsum(first) - 1
    place = np.arange(len(rows)) - start[decision]
    shape = len(start), int(place.max()) + 1

    def spread(values: NDArray[np.generic], fill: float | bool) -> NDArray[np.generic]:
        grid = np.full(shape, fill, values.dtype)
        grid[decision, place] = values
        return grid

    def numbers(name: str) -> NDArray[np.float64]:
        return np.asarray(spread(rows[name].cast(pl.Float64).fill_null(0.0).to_numpy(), 0.0), np.float64)

    has_bids = "bid_micros" in rows.columns and not rows["bid_micros"].null_count()
    may_bid = np.ones(len(rows), bool)
    if "may_bid" in rows.columns:
        may_bid = rows["may_bid"].fill_null(value=False).to_numpy()
    named = "campaign_id" in rows.columns and not rows["campaign_id"].null_count()
    campaign = rows["campaign_id"].rank("dense").to_numpy() if named else np.arange(len(rows))
    shown = rows.filter(pl.Series(first))
    predicted = [name for name in rows.columns if name.startswith(PREDICTED) and not rows[name].null_count()]
    return Decisions(
        user=shown["user_id"].rank("dense").to_numpy().astype(np.int64) - 1,
        chosen=place[rows["chosen"].fill_null(value=False).to_numpy()],
        probability=numbers("probability"),
        may_bid=np.asarray(spread(may_bid, fill=False), bool),
        campaign=np.asarray(spread(campaign.astype(np.int64), -1), np.int64),
        bid=numbers("bid_micros") if has_bids else None,
        outcomes={
            STREAM: shown[STREAM].cast(pl.Float64).to_numpy(),
            CLICK: shown[CLICK].cast(pl.Float64).to_numpy(),
            SPEND: (shown["spend_micros"].fill_null(0) / 1e6).to_numpy(),
        },
        predictions=_predictions({name: numbers(name) for name in predicted}),
        truth={label: numbers(name) for name, label in TRUTH.items() if name in rows.columns},
    )


def _predictions(columns: Mapping[str, NDArray[np.float64]]) -> dict[str, dict[str, NDArray[np.float64]]]:
    predictions: dict[str, dict[str, NDArray[np.float64]]] = {}
    for name, values in columns.items():
        label, _, model = name.removeprefix(PREDICTED).partition("_")
        predictions.setdefault(model, {})[label] = values
    return predictions


def _check(rows: pl.DataFrame) -> None:
    """Checks that each decision has one shown candidate and that its probabilities are a distribution."""
    chosen, probability = pl.col("chosen").fill_null(value=False), pl.col("probability")
    sound = probability.is_not_null() & probability.is_between(0, 1)
    by_decision = rows.group_by(ID, maintain_order=True).agg(
        chosen.sum().alias("chosen"),
        sound.all().alias("sound"),
        probability.sum().alias("sum"),
        probability.filter(chosen).first().alias("picked"),
        pl.col(CANDIDATE).is_duplicated().any().alias("repeated"),
    )
    problems = (
        ("do not have each candidate once: number them 0, 1, 2, ...", pl.col("repeated")),
        ("do not have one chosen candidate", pl.col("chosen") != 1),
        ("lack a probability from 0 to 1 for a candidate", ~pl.col("sound")),
        ("have probabilities that do not add up to 1", (pl.col("sum") - 1).abs() > _SUMS_TO),
        ("show a candidate that has probability 0", pl.col("picked") < _LEAST),
    )
    for problem, where in problems:
        wrong = by_decision.filter(where)
        if len(wrong):
            raise ExperimentError(
                f"{len(wrong):,} of {len(by_decision):,} decisions in the table `decisions` {problem}, such as that of "
                f"impression {wrong[ID][0]}; repair how the logs are written (docs/ab.md#the-table-decisions)"
            )
