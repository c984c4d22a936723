"""The Beam combiner that keeps one curve per model and selection of rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import apache_beam as beam
import numpy as np

from components.evaluation.curve import EMPTY, Curve, from_rows, merge
from components.evaluation.scored_rows import CurveKey, ScoredRows

_PENDING_ROWS = 1 << 16  # rows are cheap to keep for a while, and curves cheaper to build from many at once


@dataclass
class Accumulator:
    """Curves of the rows counted so far, and rows yet to be counted."""

    curves: dict[CurveKey, Curve] = field(default_factory=dict)
    pending: list[ScoredRows] = field(default_factory=list)
    pending_rows: int = 0


class CurvesCombiner(beam.CombineFn):
    """Counts rows into curves.

    Args:
        keys: the curves to keep.
        limit: distinct scores up to which a curve is exact.
        report: turns the curves into metric values by metric key.
    """

    def __init__(
        self, keys: tuple[CurveKey, ...], limit: int, report: Callable[[dict[CurveKey, Curve]], dict[Any, Any]]
    ) -> None:
        self._keys = keys
        self._limit = limit
        self._report = report

    def create_accumulator(self) -> Accumulator:
        """No rows."""
        return Accumulator()

    def add_input(self, accumulator: Accumulator, rows: ScoredRows) -> Accumulator:
        """Adds rows."""
        accumulator.pending.append(rows)
        accumulator.pending_rows += rows.sources.size
        return self.compact(accumulator) if accumulator.pending_rows >= _PENDING_ROWS else accumulator

    def merge_accumulators(self, accumulators: Iterable[Accumulator]) -> Accumulator:
        """All rows of all `accumulators`."""
        compacted = [self.compact(accumulator) for accumulator in accumulators]
        return Accumulator(
            {
                key: merge([accumulator.curves.get(key, EMPTY) for accumulator in compacted], self._limit)
                for key in self._keys
            }
        )

    def compact(self, accumulator: Accumulator) -> Accumulator:
        """The same rows, all counted."""
        pending = accumulator.pending
        if not pending:
            return accumulator
        labels = {head: np.concatenate([rows.labels[head] for rows in pending]) for head in pending[0].labels}
        scores = {key: np.concatenate([rows.scores[key] for rows in pending]) for key in pending[0].scores}
        sources = np.concatenate([rows.sources for rows in pending])
        tiers = np.concatenate([rows.tiers for rows in pending])
        together = ScoredRows(pending[0].names, sources, tiers, labels, scores)
        curves = {}
        for key in self._keys:
            model, selection = key
            if (model, selection.head) not in scores:
                continue
            chosen = together.select(selection)
            counted = from_rows(labels[selection.head][chosen], scores[model, selection.head][chosen], self._limit)
            curves[key] = merge([accumulator.curves.get(key, EMPTY), counted], self._limit)
        return Accumulator(curves)

    def extract_output(self, accumulator: Accumulator) -> dict[Any, Any]:
        """The metrics."""
        curves = self.compact(accumulator).curves
        return self._report({key: curves.get(key, EMPTY) for key in self._keys})
