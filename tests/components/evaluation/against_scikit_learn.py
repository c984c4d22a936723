"""Figures beside those of scikit-learn."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import average_precision_score

from components.evaluation.config import EvaluatorConfig, Threshold
from components.evaluation.results import SliceFigure
from logs.config import TiersConfig
from logs.tiers import with_tiers
from models.recipes import Recipe
from tests.components.evaluation.evaluated import scores_of

CONFIG = EvaluatorConfig(thresholds=(Threshold(source="promotion"), Threshold(source="ad")))
TIERS = TiersConfig()


def assert_scikit_learn(
    figures: list[SliceFigure], rows: pa.Table, recipe: Recipe, weight: float, tiers: TiersConfig = TIERS
) -> None:
    scores = scores_of(rows, recipe.heads, weight)
    columns = {name: with_tiers(rows, tiers)[name].to_numpy() for name in ("source", "stream_tier", "less_streamed")}
    for figure in figures:
        chosen = np.isin(columns["source"], list(recipe.sources_of(figure.head)))
        for name, values in columns.items():
            if name in figure.keys:
                chosen &= values == figure.keys[name]
        labels = rows[figure.label].to_numpy()[chosen]
        assert (figure.positives, figure.examples) == (labels.sum(), len(labels)), figure
        assert figure.judged == (figure.positives >= CONFIG.min_positives)
        assert figure.exact
        predicted = scores[figure.head][chosen].sum(dtype=np.float64)
        assert figure.expected == pytest.approx(predicted, rel=1e-6)
        if not figure.positives:
            assert figure.ap is figure.low is figure.high is None
            assert figure.calibration is figure.calibration_low is figure.calibration_high is None
            continue
        assert figure.calibration == pytest.approx(predicted / labels.sum(), rel=1e-6)
        if figure.positives > 1:
            assert 0 < figure.calibration_low < figure.calibration < figure.calibration_high
        assert figure.base_rate == pytest.approx(labels.mean())
        assert figure.ap == pytest.approx(average_precision_score(labels, scores[figure.head][chosen]), rel=1e-6)
        assert figure.low <= figure.ap <= figure.high
