"""The policy to judge: the probability of each candidate at each decision, and the price that a winner would pay."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.ab.errors import ExperimentError
from experiments.ab.off_policy.candidates import prediction_column
from experiments.ab.off_policy.decisions import Decisions
from experiments.ab.policies.policy import Policy
from experiments.ab.policies.pricing import second_prices, values_of
from transforms.domain import STREAM


@dataclass(frozen=True)
class Target:
    """A policy at each of n decisions with at most k candidates.

    Attributes:
        name: of the policy.
        probability: [n, k], with which it picks each candidate.
        predictions: by label, its own model's predictions, [n, k].
        price: [n, k], the price of each candidate if it won, in currency; None if the logs have no bids.
    """

    name: str
    probability: NDArray[np.float64]
    predictions: Mapping[str, NDArray[np.float64]]
    price: NDArray[np.float64] | None


def target_of(policy: Policy, decisions: Decisions) -> Target:
    """The picks of `policy` from the candidates of the logs.

    A candidate's value is its predicted stream rate times its bid for a stream; without bids, all bid the same.

    Raises:
        ExperimentError: the logs have no predictions of its model, or these or the bids are no such numbers.
    """
    predictions = decisions.predictions.get(policy.model)
    if predictions is None or STREAM not in predictions:
        known = ", ".join(sorted(decisions.predictions)) or "none"
        raise ExperimentError(
            f"the candidates have no predictions of the model {policy.model} (models with predictions: {known}); "
            f"name one of these, or give a file with the column {prediction_column(STREAM, policy.model)} with --scores"
        )
    for label, rates in predictions.items():
        _check(rates, 1.0, f"have a `{prediction_column(label, policy.model)}` that is no probability from 0 to 1")
    if decisions.bid is not None:
        _check(decisions.bid, sys.float_info.max, "have a `bid_micros` that is negative or no number")
    bid = np.ones(decisions.may_bid.shape) if decisions.bid is None else decisions.bid
    values = values_of(predictions[STREAM], bid)
    prices = None if decisions.bid is None else second_prices(values, decisions.may_bid, decisions.campaign) / 1e6
    return Target(policy.name, policy.choice(values, decisions.may_bid), predictions, prices)


def _check(values: NDArray[np.float64], most: float, problem: str) -> None:
    """Checks that all of `values` [n, k] are from 0 to `most`: a NaN would win every auction."""
    wrong = ~((values >= 0) & (values <= most)).all(axis=1)
    if wrong.any():
        raise ExperimentError(f"{wrong.sum():,} of {len(wrong):,} decisions {problem}; repair how they are written")
