"""Slices: the stream tiers that the config can give, and the keys of slices."""

import numpy as np

from components.evaluation.slices import LOW_TIERS, TIERS, Slice, column_values
from logs.config import TiersConfig
from logs.tiers import tier


def test_the_slices_know_every_tier() -> None:
    boundaries = TiersConfig().boundaries_hours
    assert tuple(tier(np.array([*boundaries, 0.0]), boundaries)) == TIERS
    assert LOW_TIERS == (3, 4, 5, 6, 7)


def test_a_slice_has_a_combination_for_each_of_its_known_values() -> None:
    values = column_values(("promotion", "ad", "email"))
    assert Slice(("source",)).combinations(values) == ({"source": "promotion"}, {"source": "ad"}, {"source": "email"})
    assert Slice().combinations(values) == ({},)
    assert Slice(("less_streamed",), only={"less_streamed": 1}).combinations(values) == ({"less_streamed": 1},)
    both = Slice(("source", "less_streamed"), only={"less_streamed": 1})
    assert both.combinations(values)[-1] == {"source": "email", "less_streamed": 1}
    assert len(both.combinations(values)) == 3
    assert Slice(("device",)).combinations(values) == ()
    assert len(Slice(("source", "stream_tier")).combinations(values)) == 3 * 8
