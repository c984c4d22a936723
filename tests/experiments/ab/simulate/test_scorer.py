"""Calibration can be taken back, and put on top."""

import numpy as np

from experiments.ab.simulate.scorer import calibrated, uncalibrated
from models.calibration import IDENTITY, Calibration


def test_uncalibrated_by_hand() -> None:
    logits = np.array([-3.0, 0.0, 2.0])
    rates = 1 / (1 + np.exp(-(0.5 * logits - 1.0)))
    np.testing.assert_allclose(uncalibrated(rates, Calibration(0.5, -1.0)), 1 / (1 + np.exp(-logits)))
    np.testing.assert_allclose(uncalibrated(rates, IDENTITY), rates)


def test_calibrated_by_hand() -> None:
    # odds 1 to 9 become (1 / 9)^2 * 3 = 1 / 27
    np.testing.assert_allclose(calibrated(np.array([0.1]), Calibration(2.0, np.log(3.0))), [1 / 28])
    rates = np.array([0.1, 0.7])
    np.testing.assert_allclose(uncalibrated(calibrated(rates, Calibration(0.4, 2.0)), Calibration(0.4, 2.0)), rates)
