"""Rows are counted in pieces; what is counted stays, whatever models the later pieces have."""

import numpy as np

from components.evaluation.combiner import RowsCombiner
from components.evaluation.conditions import Selection
from components.evaluation.scored_rows import ScoredRows


def _rows(models: tuple[str, ...], labels: list[int]) -> ScoredRows:
    n = len(labels)
    return ScoredRows(
        names=("ad",),
        sources=np.zeros(n, np.int8),
        tiers=np.zeros(n, np.int8),
        groups=np.zeros(n, np.int16),
        labels={"stream": np.array(labels, np.int8)},
        scores={(model, "stream"): np.linspace(0.1, 0.9, n, dtype=np.float32) for model in models},
    )


def test_counts_of_a_model_that_later_rows_lack_are_kept() -> None:
    stream = Selection("stream", ("ad",), None)
    keys = (("candidate", stream), ("baseline", stream))
    combiner = RowsCombiner(keys, limit=100, report=lambda counted: counted)
    counted = combiner.compact(
        combiner.add_input(combiner.create_accumulator(), _rows(("candidate", "baseline"), [1, 0]))
    )
    counted.pending = [_rows(("candidate",), [1, 1, 0])]
    positives = {key: int(rows.curve.positives.sum()) for key, rows in combiner.extract_output(counted).items()}
    assert positives == {keys[0]: 3, keys[1]: 1}
