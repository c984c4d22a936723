"""The ways to train a new task, compared on the same test rows with each other and with heads that need no training."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from components.evaluation.config import CANDIDATE
from components.evaluation.paired.correction import corrected
from components.evaluation.scores import About, Scores, label_column, read_scores, score_column
from components.evaluation.settings import EvaluatedHead
from components.evaluation.slices import Slice
from experiments.finetune.curve_model import CurveModel
from experiments.finetune.systems import FROZEN, NOTHING, UNFROZEN, NewTask
from experiments.systems.cells import ALL_WORLDS, UNSEEN_SHOW, Cell, compared
from experiments.systems.configs import ExperimentWorld
from experiments.systems.system import System
from transforms.labelled import LESS_STREAMED, STREAM_TIER

CURVE_SLICES: tuple[Slice, ...] = (
    Slice(()),
    Slice(("source",)),
    Slice(("source", LESS_STREAMED), only={LESS_STREAMED: 1}),
    Slice(("source", UNSEEN_SHOW), only={UNSEEN_SHOW: 1}),
)

_COLUMNS = ("user_id", "source", STREAM_TIER, LESS_STREAMED, UNSEEN_SHOW)


@dataclass(frozen=True)
class CurvePoint:
    """AP of the new task of one way, trained on some rows, beside that of another way or head.

    Attributes:
        rows: training rows of both, unless one needs no training.
        cell: the comparison.
    """

    rows: int
    cell: Cell


def points_of(
    task: NewTask, scores: Mapping[CurveModel, str], worlds: Sequence[ExperimentWorld]
) -> tuple[CurvePoint, ...]:
    """Every way against training from nothing on the same rows, and the fine-tuned ways against each head.

    They are corrected for each other, those of the single worlds and those of all worlds together by themselves.

    Args:
        task: the new task.
        scores: of `run_curve`.
        worlds: the worlds.
    """
    points: list[CurvePoint] = []
    ways = tuple(dict.fromkeys(model.way for model in scores if model.way))
    for rows in sorted({model.rows for model in scores if model.rows}):
        having = [world for world in worlds if any(model.world is world and model.rows == rows for model in scores)]
        others = [System(NOTHING, "")] * (NOTHING in ways) + list(task.direct_systems())
        pairs = [
            (System(way, ""), other)
            for other in others
            for way in ways
            if way != other.name and (other.name == NOTHING or way in (FROZEN, UNFROZEN, NOTHING))
        ]
        cells = compared(_reader(task, scores, rows), having, pairs, CURVE_SLICES)
        points += [CurvePoint(rows, cell) for cell in cells]
    return _corrected(points)


def _reader(
    task: NewTask, scores: Mapping[CurveModel, str], rows: int
) -> Callable[[ExperimentWorld, System], list[Scores]]:
    """Reads the scores of a way at some rows, or those of a head of the start model, one for each seed."""
    labels = {f"{label} head": label for label in task.direct}

    def read(world: ExperimentWorld, system: System) -> list[Scores]:
        own = [model for model in scores if model.world is world]
        if system.name not in labels:
            return [of_task(task, scores[model]) for model in own if (model.way, model.rows) == (system.name, rows)]
        trained = next(model for model in own if model.rows == rows)  # any: all have the outcomes of the new task
        outcomes = of_task(task, scores[trained])
        return [of_heads(task, labels[system.name], scores[model], outcomes) for model in own if not model.rows]

    return read


def of_task(task: NewTask, uri: str) -> Scores:
    """The scores of the new task, and nothing else."""
    result = read_scores(uri, [*_COLUMNS, label_column(task.label), score_column(CANDIDATE, task.name)])
    heads = tuple(head for head in result.about.heads if head.name == task.name)
    return replace(result, about=replace(result.about, heads=heads))


def of_heads(task: NewTask, label: str, uri: str, outcomes: Scores) -> Scores:
    """The scores of the start model's heads for `label`, read as scores of the new task.

    Args:
        task: the new task.
        label: of the heads.
        uri: the folder of the start model's scores.
        outcomes: scores of the new task, with its outcomes of the same rows.
    """
    columns = [score_column(CANDIDATE, head) for head in task.direct[label]]
    result = read_scores(uri, [*_COLUMNS, *columns])
    (new,) = outcomes.about.heads
    known = [head for head in result.about.heads if head.name in task.direct[label]]
    heads = tuple(
        EvaluatedHead(head.name, task.label, tuple(source for source in head.sources if source in new.sources))
        for head in known
    )
    labels = outcomes.rows.select("impression_id", label_column(task.label))
    rows = result.rows.join(labels, on="impression_id", how="inner").sort("impression_id")
    about = About(heads, result.about.sources, result.about.min_positives)
    return replace(result, about=about, rows=rows)


def _corrected(points: Sequence[CurvePoint]) -> tuple[CurvePoint, ...]:
    """The points with q for all of them: `compared` knows those of one number of rows only."""
    result = list(points)
    for together in (True, False):
        numbers = [i for i, point in enumerate(points) if (point.cell.world == ALL_WORLDS) == together]
        rows = corrected([points[i].cell.row for i in numbers])
        for i, row in zip(numbers, rows, strict=True):
            result[i] = replace(points[i], cell=replace(points[i].cell, row=row))
    return tuple(result)
