"""Response rates at their edges (docs/data.md#response-history)."""

import math

import numpy as np
import pytest

from components.ingestion.compute.rates import rates
from components.ingestion.compute.response_counts import CountColumns

ONE = CountColumns(sources=1, kinds=1)


@pytest.mark.parametrize(
    ("counts", "prior", "expected"),
    [
        ([30, 4], [1000, 50], math.log(5 / 45) - math.log(0.05 / 0.95)),
        ([0, 0], [1000, 50], 0.0),
        ([10, 10], [1000, 50], math.log(11 / 19) - math.log(0.05 / 0.95)),
        ([0, 0], [0, 0], math.nan),
        ([5, 0], [1000, 0], math.nan),
        ([5, 5], [1000, 1000], math.nan),
    ],
)
def test_a_rate_from_its_counts(counts, prior, expected):
    (((rate,),),) = rates(np.array([counts], np.int32), np.array(prior), 20, ONE)
    assert rate == pytest.approx(expected, nan_ok=True)


def test_each_source_and_kind_has_its_own_counts_and_prior():
    two = CountColumns(sources=2, kinds=2)
    counts = np.array([[4, 1, 0, 8, 0, 2]], np.int32)
    prior = np.array([40, 20, 0, 80, 8, 20])
    values = rates(counts, prior, 4, two)[:, :, 0]
    logit = {0.5: 0.0, 0.1: math.log(1 / 9), 0.25: math.log(1 / 3)}
    expected = [
        [math.log(3 / 5) - logit[0.5], math.nan],
        [math.log(0.4 / 11.6) - logit[0.1], math.log(3 / 9) - logit[0.25]],
    ]
    assert values == pytest.approx(np.array(expected), nan_ok=True)
