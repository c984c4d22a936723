"""How a policy picks the ad of an opportunity from the values of its candidates: the probability of each."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from simulation.arrays import Bools, Floats, Ints


class Choice(Protocol):
    """Gives each candidate of each opportunity its probability."""

    def __call__(self, values: Floats, may_bid: Bools) -> NDArray[np.float64]:
        """Probabilities [n, k]; values [n, k] in micros for an impression, may_bid [n, k].

        A row adds up to 1, or to 0 where nobody may bid.
        """


def greedy(values: Floats, may_bid: Bools) -> NDArray[np.float64]:
    """All on the candidate of the highest value; of equal ones, the first."""
    best = np.argmax(np.where(may_bid, values, -np.inf), axis=1)
    probabilities = np.zeros(may_bid.shape)
    probabilities[np.arange(len(best)), best] = may_bid[np.arange(len(best)), best]
    return probabilities


@dataclass(frozen=True)
class EpsilonGreedy:
    """With probability `epsilon` any candidate that may bid, all alike; else the one of the highest value."""

    epsilon: float

    def __call__(self, values: Floats, may_bid: Bools) -> NDArray[np.float64]:
        """See `Choice`."""
        alike = may_bid / np.maximum(may_bid.sum(axis=1, keepdims=True), 1)
        return self.epsilon * alike + (1.0 - self.epsilon) * greedy(values, may_bid)


@dataclass(frozen=True)
class Softmax:
    """In proportion to value ** (1 / temperature): a temperature near 0 is greedy."""

    temperature: float

    def __call__(self, values: Floats, may_bid: Bools) -> NDArray[np.float64]:
        """See `Choice`."""
        logits = np.log(np.maximum(values.astype(np.float64), 1e-300)) / self.temperature
        logits = np.where(may_bid, logits, -np.inf)
        top = logits.max(axis=1, keepdims=True)
        weights = np.exp(logits - np.where(np.isfinite(top), top, 0.0))
        total = weights.sum(axis=1, keepdims=True)
        return np.asarray(weights / np.where(total > 0, total, 1.0))


def draw(probabilities: Floats, rng: Generator) -> Ints:
    """A candidate for each row of probabilities, [n, k] -> [n]; any number where nobody may bid."""
    running = np.cumsum(probabilities, axis=1)
    passed = running > (rng.random(len(probabilities)) * running[:, -1])[:, None]
    return np.argmax(passed, axis=1)
