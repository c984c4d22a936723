"""Which arm each user is in: a hash of the seed and the user's id, the same on every machine."""

import hashlib
from collections.abc import Sequence

import numpy as np

from simulation.arrays import Ints


def arms_of(user_ids: Sequence[str], seed: int, arms: int) -> Ints:
    """An arm from 0 to `arms` - 1 for each user, all alike likely and independent of each other."""
    return np.array([_hash(f"{seed}:{user_id}") % arms for user_id in user_ids], np.int64)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
