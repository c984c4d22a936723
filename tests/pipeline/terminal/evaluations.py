"""Evaluations with made-up figures, as `components/evaluation/results.py` loads them."""

from components.evaluation.results import Evaluation, SliceFigure
from components.evaluation.settings import EvaluatedHead

SOURCES = ("promotion", "ad")
JOINT = (
    EvaluatedHead("promotion_stream", "stream", ("promotion",)),
    EvaluatedHead("ad_stream", "stream", ("ad",)),
    EvaluatedHead("click", "click", SOURCES),
)
PROMOTIONS_ONLY = (EvaluatedHead("promotion_stream", "stream", SOURCES), EvaluatedHead("click", "click", SOURCES))


def figure(
    head: EvaluatedHead, ap: float | None, *, positives: int = 12_345, ratio: float = 1.2, **keys: str | int
) -> SliceFigure:
    """A figure whose intervals reach from half of its values to one and a half times its values."""
    return SliceFigure(
        ap=ap,
        low=None if ap is None else ap / 2,
        high=None if ap is None else ap * 1.5,
        positives=positives,
        examples=100_000,
        base_rate=0.1234,
        judged=positives >= 20,
        exact=True,
        broken=0,
        expected=ratio * positives,
        calibration=ratio if positives else None,
        calibration_low=ratio / 2 if positives else None,
        calibration_high=ratio * 1.5 if positives else None,
        model="candidate",
        head=head.name,
        label=head.label,
        keys=keys,
    )


def evaluation(heads: tuple[EvaluatedHead, ...], ap: float, positives: dict[str, int] | None = None) -> Evaluation:
    """An evaluation in which every head has the same AP on every source that it is read on.

    Args:
        heads: the heads of the model.
        ap: of all.
        positives: by head, where there are not 12,345.
    """
    figures = [
        figure(head, ap, positives=(positives or {}).get(head.name, 12_345), source=source)
        for head in heads
        for source in head.sources
    ]
    return Evaluation(heads, SOURCES, tuple(figures))
