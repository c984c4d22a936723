"""Weighted pools to draw candidates from, one for each group of users, such as the speakers of a language."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from simulation.arrays import Bools, Floats, Ints
from simulation.names import LANGUAGES
from simulation.randomness import inverse


@dataclass(frozen=True)
class Pools:
    """Members with weights for each group.

    Attributes:
        members: for each group, indices of its members; a group without members draws from those of all groups.
        weights: for each group, their weights.
    """

    members: tuple[Ints, ...]
    weights: tuple[Floats, ...]

    def draw(self, rng: Generator, groups: Ints, count: int) -> Ints:
        """`count` members of each row's group, with replacement; [n] -> [n, count]. One group must have members."""
        uniform = rng.random((len(groups), count))
        drawn = np.empty((len(groups), count), np.int64)
        for group in range(len(self.members)):
            rows = groups == group
            members, weights = self.members[group], self.weights[group]
            if not len(members):
                members, weights = np.concatenate(self.members), np.concatenate(self.weights)
            drawn[rows] = members[inverse(weights, uniform[rows])]
        return drawn


def pools(member_of: Bools, weights: Floats) -> Pools:
    """Pools of a membership matrix [groups, members]; members of weight 0 are left out."""
    chosen = tuple(np.flatnonzero(row & (weights > 0)) for row in member_of)
    return Pools(chosen, tuple(weights[members] for members in chosen))


def draw_by_language(
    rng: Generator, members: Ints, weights: Floats, speakers: Ints, count: int, other_share: float
) -> Ints:
    """Candidates in the language of each row; [members], [members], [n] -> [n, count].

    Args:
        rng: random generator.
        members: the language of each candidate.
        weights: the weight of each candidate.
        speakers: the language of the user of each row.
        count: candidates a row, with replacement.
        other_share: probability that a row draws from a random language instead of its user's.
    """
    n = len(speakers)
    strays = rng.random(n) < other_share
    language = np.where(strays, rng.integers(0, len(LANGUAGES), n), speakers)
    return pools(members == np.arange(len(LANGUAGES))[:, None], weights).draw(rng, language, count)
