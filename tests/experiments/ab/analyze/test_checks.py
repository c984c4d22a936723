import pytest
from scipy.stats import chi2

from experiments.ab.analyze.checks import MISMATCH, ratio_p_value


def test_by_hand():
    """520 and 480 of 1000: 20²/500 + 20²/500 = 1.6 with one degree of freedom."""
    assert ratio_p_value([520, 480], [1, 1]) == pytest.approx(chi2.sf(1.6, 1))
    assert ratio_p_value([900, 100], [0.9, 0.1]) == pytest.approx(1)


def test_a_mismatch_that_no_eye_sees():
    assert ratio_p_value([50_800, 49_200], [1, 1]) < MISMATCH
