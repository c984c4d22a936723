"""The Beam combiner that keeps one curve per model and selection of rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import apache_beam as beam
import numpy as np

from components.evaluation.curve import EMPTY, Curve, from_rows, merge
from components.evaluation.rows import Key, Rows

_PENDING_ROWS = 1 << 16  # rows are cheap to keep for a while, and curves cheaper to build from many at once


@dataclass
class State:
    """Curves of the rows counted so far, and rows yet to be counted."""

    curves: dict[Key, Curve] = field(default_factory=dict)
    pending: list[Rows] = field(default_factory=list)
    pending_rows: int = 0


class CurvesCombiner(beam.CombineFn):
    """Counts rows into curves.

    Args:
        keys: the curves to keep.
        limit: distinct scores up to which a curve is exact.
        report: what the curves say, as metric values by metric key.
    """

    def __init__(self, keys: tuple[Key, ...], limit: int, report: Callable[[dict[Key, Curve]], dict[Any, Any]]) -> None:
        self._keys = keys
        self._limit = limit
        self._report = report

    def create_accumulator(self) -> State:
        """No rows."""
        return State()

    def add_input(self, state: State, rows: Rows) -> State:
        """Adds rows."""
        state.pending.append(rows)
        state.pending_rows += rows.sources.size
        return self.compact(state) if state.pending_rows >= _PENDING_ROWS else state

    def merge_accumulators(self, states: Iterable[State]) -> State:
        """All rows of all `states`."""
        compacted = [self.compact(state) for state in states]
        return State(
            {key: merge([state.curves.get(key, EMPTY) for state in compacted], self._limit) for key in self._keys}
        )

    def compact(self, state: State) -> State:
        """The same rows, all counted."""
        if not state.pending:
            return state
        sources = np.concatenate([rows.sources for rows in state.pending])
        tiers = np.concatenate([rows.tiers for rows in state.pending])
        columns = state.pending[0]
        labels = {name: np.concatenate([rows.labels[name] for rows in state.pending]) for name in columns.labels}
        scores = {name: np.concatenate([rows.scores[name] for rows in state.pending]) for name in columns.scores}
        rows = Rows(sources, tiers, labels, scores)
        curves = {}
        for key in self._keys:
            model, selection = key
            if (model, selection.head) not in scores:
                continue
            chosen = rows.select(selection)
            counted = from_rows(labels[selection.head][chosen], scores[model, selection.head][chosen], self._limit)
            curves[key] = merge([state.curves.get(key, EMPTY), counted], self._limit)
        return State(curves)

    def extract_output(self, state: State) -> dict[Any, Any]:
        """The metrics."""
        curves = self.compact(state).curves
        return self._report({key: curves.get(key, EMPTY) for key in self._keys})
