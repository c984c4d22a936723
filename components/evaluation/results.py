"""An evaluation artifact as typed records, read without importing TFMA (which takes ten seconds).

The artifact stands alone: heads, labels, and sources come from its own `eval_config.json`, not from today's config.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from components.evaluation.config import CANDIDATE
from components.evaluation.counted import NOTHING
from components.evaluation.figure import COUNTS, Figure, typed_counts
from components.evaluation.figure import figure as figure_of
from components.evaluation.messages import messages
from components.evaluation.settings import EvaluatedHead, Settings, read_settings
from components.evaluation.slices import SliceKeys


@dataclass(frozen=True, kw_only=True)
class SliceFigure(Figure):
    """The figure of one model's head on one slice, over the rows that the head is measured on.

    Attributes:
        model: `candidate`, or `baseline` for the last blessed model on the same rows.
        head: the head, and `label` the column it predicts.
        keys: the slice's value of each column that it is sliced by; empty for all rows.
    """

    model: str
    head: str
    label: str
    keys: SliceKeys

    @property
    def slice(self) -> str:
        """The slice's name, e.g. `overall` or `source=ad, stream_tier=3`."""
        return slice_name(self.keys)


@dataclass(frozen=True)
class Evaluation:
    """All figures of one evaluated model.

    Attributes:
        heads: the heads, in the recipe's order.
        sources: every source of the config, in its order.
        figures: the candidate's figures first, by head, overall before finer slices.
    """

    heads: tuple[EvaluatedHead, ...]
    sources: tuple[str, ...]
    figures: tuple[SliceFigure, ...]

    def figure(self, head: str, keys: SliceKeys, model: str = CANDIDATE) -> SliceFigure | None:
        """The figure of a head on a slice; None if there is none."""
        same = (figure for figure in self.figures if (figure.model, figure.head, figure.keys) == (model, head, keys))
        return next(same, None)


def slice_name(keys: SliceKeys) -> str:
    """The name of a slice, e.g. `source=ad, stream_tier=3`; `overall` without keys."""
    return ", ".join(f"{column}={value}" for column, value in sorted(keys.items())) or "overall"


def load(uri: str) -> Evaluation:
    """Reads a ModelEvaluation artifact.

    TFMA leaves out slices without rows; here they have `examples` 0 and are not judged.

    Raises:
        EvaluationError: if the folder holds no metrics.
    """
    measured = list(messages(uri))
    settings = read_settings(uri)
    figures: dict[tuple[str, str, str], SliceFigure] = {}
    for message in measured:
        figures |= {(figure.model, figure.head, figure.slice): figure for figure in _figures(message, settings)}
    without_rows = asdict(figure_of(NOTHING, min_positives=1))
    labels = {head.name: head.label for head in settings.heads}
    for model, head in {(model, head) for model, head, _ in figures}:
        for keys in settings.slices:
            empty = SliceFigure(**without_rows, model=model, head=head, label=labels[head], keys=keys)
            figures.setdefault((model, head, empty.slice), empty)
    order = {head: place for place, head in enumerate(labels)}
    places = {source: place for place, source in enumerate(settings.sources)}

    def rank(figure: SliceFigure) -> tuple[Any, ...]:
        columns, source = sorted(figure.keys), places.get(str(figure.keys.get("source")), len(places))
        return figure.model != CANDIDATE, order[figure.head], len(columns), columns, source, figure.slice

    return Evaluation(settings.heads, settings.sources, tuple(sorted(figures.values(), key=rank)))


def _figures(message: Any, settings: Settings) -> Iterator[SliceFigure]:
    """The figures of one slice's message."""
    keys = {single.column: _key_value(single) for single in message.slice_key.single_slice_keys}
    labels = {head.name: head.label for head in settings.heads}
    by_head: dict[tuple[str, str], dict[str, Any]] = {}
    for item in message.metric_keys_and_values:
        if item.key.output_name in labels and not item.key.is_diff:
            by_head.setdefault((item.key.model_name, item.key.output_name), {})[item.key.name] = item
    for (model, head), metrics in by_head.items():
        if "average_precision" in metrics:
            values = asdict(_figure(metrics))
            yield SliceFigure(**values, model=model or CANDIDATE, head=head, label=labels[head], keys=keys)


def _figure(metrics: Mapping[str, Any]) -> Figure:
    ap = metrics["average_precision"]
    counts = {name: metrics[name].value.double_value.value for name in COUNTS if name in metrics}
    return Figure(
        ap=_number(ap.value.double_value.value),
        low=_number(ap.confidence_interval.lower_bound.double_value.value),
        high=_number(ap.confidence_interval.upper_bound.double_value.value),
        **typed_counts(counts),
    )


def _key_value(single: Any) -> str | int:
    kind = single.WhichOneof("kind")
    return single.bytes_value.decode() if kind == "bytes_value" else int(getattr(single, kind))


def _number(value: float) -> float | None:
    """NaN is TFMA's null."""
    return None if math.isnan(value) else value
