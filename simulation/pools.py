"""Pools to draw candidates from: one for each group of users, weighted."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from simulation.arrays import Bools, Floats, Ints
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
