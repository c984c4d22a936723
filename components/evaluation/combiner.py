"""The Beam combiner that counts the rows of each model and selection."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import apache_beam as beam
import numpy as np

from components.evaluation.counted import NOTHING, CountedRows, count, merge
from components.evaluation.scored_rows import CountedKey, ScoredRows

_PENDING_ROWS = 1 << 16  # rows are cheap to keep for a while, and cheaper to count many at once


@dataclass
class Accumulator:
    """The rows counted so far, and rows yet to be counted."""

    counted: dict[CountedKey, CountedRows] = field(default_factory=dict)
    pending: list[ScoredRows] = field(default_factory=list)
    pending_rows: int = 0


class RowsCombiner(beam.CombineFn):
    """Counts rows.

    Args:
        keys: the models and selections to count for.
        limit: distinct scores up to which a curve is exact.
        report: turns the counted rows into metric values by metric key.
    """

    def __init__(
        self,
        keys: tuple[CountedKey, ...],
        limit: int,
        report: Callable[[dict[CountedKey, CountedRows]], dict[Any, Any]],
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
        counted = [self.compact(accumulator).counted for accumulator in accumulators]
        return Accumulator(
            {
                key: merge([part[key] for part in counted if key in part], self._limit)
                for key in self._keys
                if any(key in part for part in counted)
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
        groups = np.concatenate([rows.groups for rows in pending])
        together = ScoredRows(pending[0].names, sources, tiers, groups, labels, scores)
        counted = dict(accumulator.counted)
        for key in self._keys:
            model, selection = key
            if (model, selection.head) not in scores:
                continue
            chosen = together.select(selection)
            of_rows = count(
                labels[selection.head][chosen], scores[model, selection.head][chosen], groups[chosen], self._limit
            )
            counted[key] = merge([accumulator.counted.get(key, NOTHING), of_rows], self._limit)
        return Accumulator(counted)

    def extract_output(self, accumulator: Accumulator) -> dict[Any, Any]:
        """The metrics."""
        counted = self.compact(accumulator).counted
        return self._report({key: counted.get(key, NOTHING) for key in self._keys})
