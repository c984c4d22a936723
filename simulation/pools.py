"""Pools to draw candidates from: one for each group of users, weighted; by language for instance."""

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
        members: for each group, indices of what can be drawn; a group without any draws from all groups' members.
        weights: for each group, their weights.
    """

    members: tuple[Ints, ...]
    weights: tuple[Floats, ...]

    def draw(self, rng: Generator, groups: Ints, count: int) -> Ints:
        """`count` members of each row's group, with replacement; [n] -> [n, count]. Some group must have a member."""
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
    """Candidates in each row's language, a share of the rows in any; [members], [members], [n] -> [n, count].

    Args:
        rng: source of chance.
        members: the language of each that can be drawn.
        weights: how likely each is drawn.
        speakers: the language of each row's user.
        count: candidates a row, with replacement.
        other_share: how likely a row draws from a language picked at random, whatever its user speaks.
    """
    n = len(speakers)
    strays = rng.random(n) < other_share
    language = np.where(strays, rng.integers(0, len(LANGUAGES), n), speakers)
    return pools(members == np.arange(len(LANGUAGES))[:, None], weights).draw(rng, language, count)
