"""From TFMA's extracts to arrays: the one place that knows how TFMA nests models and outputs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow_model_analysis as tfma
from numpy.typing import NDArray
from tensorflow_model_analysis.metrics import metric_types

from components.evaluation.conditions import Selection
from components.evaluation.config import BASELINE
from components.evaluation.errors import EvaluationError
from components.evaluation.user_sums import group_of

CountedKey = tuple[str, Selection]
"""A model's name and the rows that count for one of its heads."""


class ScoredRows(NamedTuple):
    """Some examples of a slice with their scores.

    Attributes:
        names: the sources that codes stand for.
        sources: int8 [n], index into `names`, -1 for any other source.
        tiers: int8 [n].
        groups: int16 [n], the group of each row's user (`group_of`).
        labels: head -> int8 [n], 0 or 1.
        scores: (model, head) -> float32 [n]; the last blessed model lacks heads that were added since.
    """

    names: tuple[str, ...]
    sources: NDArray[np.int8]
    tiers: NDArray[np.int8]
    groups: NDArray[np.int16]
    labels: Mapping[str, NDArray[np.int8]]
    scores: Mapping[tuple[str, str], NDArray[np.float32]]

    def select(self, selection: Selection) -> NDArray[np.bool_]:
        """Which of the rows are selected, [n]."""
        chosen: NDArray[np.bool_] = np.isin(self.sources, [self.names.index(source) for source in selection.sources])
        if selection.tiers is not None:
            chosen &= np.isin(self.tiers, selection.tiers)
        return chosen


class ToScoredRows(metric_types.Preprocessor):
    """Turns the extracts of one example (TFMA's own extractors) or of many (ours) into `ScoredRows`.

    Args:
        models: names of the models, the one to be judged first.
        heads: names of the heads.
        sources: every source of the config.
        baseline_output: the last blessed model's output if it has a single one; TFMA drops the name of it.
    """

    def __init__(
        self, models: tuple[str, ...], heads: tuple[str, ...], sources: tuple[str, ...], baseline_output: str = ""
    ) -> None:
        super().__init__(name=f"{type(self).__name__}_{'_'.join((*models, *heads))}")
        self._models = models
        self._heads = heads
        self._sources = sources
        self._baseline_output = baseline_output

    def process(self, extracts: tfma.Extracts) -> Iterator[ScoredRows]:
        """Yields one `ScoredRows`.

        Raises:
            EvaluationError: the model to be judged lacks a head.
        """
        features = extracts[tfma.FEATURES_KEY]
        labels, predictions = extracts[tfma.LABELS_KEY], extracts[tfma.PREDICTIONS_KEY]
        yield ScoredRows(
            self._sources,
            _codes(np.ravel(features["source"]), self._sources),
            np.ravel(features["stream_tier"]).astype(np.int8),
            group_of(np.ravel(features["user_id"])),
            {head: label_of(labels, self._models[0], head).astype(np.int8) for head in self._heads},
            {
                (model, head): scores
                for model in self._models
                for head in self._heads
                if (scores := self._scores(predictions, model, head)) is not None
            },
        )

    def _scores(self, predictions: Any, model: str, head: str) -> NDArray[np.float32] | None:
        scores = score_of(predictions, model, head, self._heads, self._baseline_output)
        if scores is not None or model == BASELINE:
            return scores
        outputs = _nested(predictions, model)
        names = ", ".join(sorted(outputs)) if isinstance(outputs, Mapping) else "a single one"
        raise EvaluationError(f"The model has no output {head!r}, it has {names}; train the recipe again.")


class ToOverallRows(ToScoredRows):
    """`ToScoredRows` for the slice of all rows alone: the extracts of other slices give no rows."""

    def process(self, extracts: tfma.Extracts) -> Iterator[ScoredRows]:
        """Yields one `ScoredRows`, or none.

        Raises:
            EvaluationError: the model to be judged lacks a head.
        """
        if () in np.ravel(extracts[tfma.SLICE_KEY_TYPES_KEY]).tolist():
            yield from super().process(extracts)


def score_of(
    predictions: Any, model: str, head: str, heads: Sequence[str], baseline_output: str
) -> NDArray[np.float32] | None:
    """The scores of a model's head, [n]; None if the model has no such output.

    Args:
        predictions: TFMA's.
        model: the model's name.
        head: the head's name.
        heads: the heads of the model to be judged.
        baseline_output: the last blessed model's output if it has a single one, else "".
    """
    outputs = _nested(predictions, model)
    of_candidate = heads[0] if len(heads) == 1 else ""
    only = baseline_output if model == BASELINE else of_candidate  # TFMA drops the name of a single output
    scores = outputs.get(head) if isinstance(outputs, Mapping) else outputs if only == head else None
    return None if scores is None else np.ravel(scores).astype(np.float32)


def label_of(labels: Any, model: str, head: str) -> NDArray:
    """The labels of a head of `model`, [n], from TFMA's."""
    return np.ravel(_nested(labels, model, head))


def _nested(values: Any, *path: str) -> Any:
    """TFMA leaves out a level of nesting that has a single entry."""
    for name in path:
        if isinstance(values, Mapping) and name in values:
            values = values[name]
    return values


def _codes(values: NDArray, sources: tuple[str, ...]) -> NDArray[np.int8]:
    codes = np.full(values.shape, -1, np.int8)
    for code, source in enumerate(sources):
        codes[values.astype(object) == source.encode()] = code
    return codes
