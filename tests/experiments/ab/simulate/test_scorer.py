"""Calibration can be taken back."""

import numpy as np

from experiments.ab.simulate.scorer import uncalibrated
from models.calibration import IDENTITY, Calibration


def test_uncalibrated_by_hand() -> None:
    logits = np.array([-3.0, 0.0, 2.0])
    calibrated = 1 / (1 + np.exp(-(0.5 * logits - 1.0)))
    np.testing.assert_allclose(uncalibrated(calibrated, Calibration(0.5, -1.0)), 1 / (1 + np.exp(-logits)))
    np.testing.assert_allclose(uncalibrated(calibrated, IDENTITY), calibrated)
