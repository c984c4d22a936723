"""How an arm picks the ad of an opportunity from the values of its candidates, and with which probability."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from simulation.arrays import Bools, Floats, Ints


@dataclass(frozen=True)
class Chosen:
    """What was picked for each opportunity.

    Attributes:
        candidate: [n], position among the candidates; any number where nobody may bid.
        propensity: [n], the probability with which the policy picks this candidate, among those that may bid.
    """

    candidate: Ints
    propensity: NDArray[np.float64]


class Choice(Protocol):
    """Picks a candidate for each opportunity."""

    def __call__(self, values: Floats, may_bid: Bools, rng: Generator) -> Chosen:
        """The picks; values [n, k] in micros for an impression, may_bid [n, k]."""


def greedy(values: Floats, may_bid: Bools, rng: Generator) -> Chosen:  # noqa: ARG001
    """The candidate of the highest value, always."""
    best = np.argmax(np.where(may_bid, values, -np.inf), axis=1)
    return Chosen(best, np.ones(len(best)))


@dataclass(frozen=True)
class EpsilonGreedy:
    """With probability `epsilon` any candidate that may bid, all alike; else the one of the highest value."""

    epsilon: float

    def __call__(self, values: Floats, may_bid: Bools, rng: Generator) -> Chosen:
        """See `Choice`."""
        best = greedy(values, may_bid, rng).candidate
        bidders = np.maximum(may_bid.sum(axis=1), 1)
        explores = rng.random(len(best)) < self.epsilon
        place = np.minimum((rng.random(len(best)) * bidders).astype(np.int64), bidders - 1)
        any_bidder = np.argmax(np.cumsum(may_bid, axis=1) > place[:, None], axis=1)
        candidate = np.where(explores, any_bidder, best)
        return Chosen(candidate, self.epsilon / bidders + (1.0 - self.epsilon) * (candidate == best))


@dataclass(frozen=True)
class Softmax:
    """In proportion to value ** (1 / temperature): a temperature near 0 is greedy."""

    temperature: float

    def __call__(self, values: Floats, may_bid: Bools, rng: Generator) -> Chosen:
        """See `Choice`."""
        logits = np.log(np.maximum(values.astype(np.float64), 1e-300)) / self.temperature
        logits = np.where(may_bid, logits, -np.inf)
        top = logits.max(axis=1, keepdims=True)
        weights = np.exp(logits - np.where(np.isfinite(top), top, 0.0))
        total = weights.sum(axis=1)
        passed = np.cumsum(weights, axis=1) > (rng.random(len(values)) * total)[:, None]
        candidate = np.argmax(passed, axis=1)
        share = weights[np.arange(len(values)), candidate] / np.where(total > 0, total, 1.0)
        return Chosen(candidate, np.where(total > 0, share, 1.0))
