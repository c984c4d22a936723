import math

import numpy as np
import pytest
from scipy.stats import chi2, norm

from experiments.ab.analyze.checks import MISMATCH, difference_p_value, ratio_p_value
from experiments.ab.measures.change import MetricColumns, products


def test_by_hand():
    """520 and 480 of 1000: 20²/500 + 20²/500 = 1.6 with one degree of freedom."""
    assert ratio_p_value([520, 480], [1, 1]) == pytest.approx(chi2.sf(1.6, 1))
    assert ratio_p_value([900, 100], [0.9, 0.1]) == pytest.approx(1)


def test_a_mismatch_that_no_eye_sees():
    assert ratio_p_value([50_800, 49_200], [1, 1]) < MISMATCH


def test_a_mean_of_0_by_hand():
    """Four users spend 0, 1, 2, 3: mean 1.5, variance 5/3, so the error of the mean is sqrt(5/12)."""
    spend, nothing = (products(np.column_stack([np.ones(4), values])) for values in ([0, 1, 2, 3], [0, 0, 0, 0]))
    columns = MetricColumns(1, 0)
    assert difference_p_value(spend, nothing, columns) == pytest.approx(2 * norm.sf(1.5 / math.sqrt(5 / 12)))
    alike = products(np.ones((4, 2)))
    assert difference_p_value(nothing, alike, columns) == 0, "each user spends 1"
    assert math.isnan(difference_p_value(nothing, nothing, columns))
