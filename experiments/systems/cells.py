"""Systems compared on the same test rows, and the comparisons of several worlds put together."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from components.evaluation.paired.compare import compare
from components.evaluation.paired.correction import corrected
from components.evaluation.paired.difference import Spread
from components.evaluation.paired.measures import AP
from components.evaluation.paired.row import PairedRow
from components.evaluation.paired.slices import UNSEEN
from components.evaluation.scores import Scores, label_column, read_scores
from components.evaluation.slices import SLICES, Slice
from experiments.systems.configs import ExperimentWorld, Model
from experiments.systems.judged import Judged
from experiments.systems.system import System
from transforms.domain import STREAM
from transforms.labelled import LESS_STREAMED, STREAM_TIER

ALL_WORLDS = "all"
"""The name of a cell that holds all worlds."""

UNSEEN_SHOW = next(iter(UNSEEN))

SYSTEM_SLICES: tuple[Slice, ...] = (
    *SLICES,
    Slice((UNSEEN_SHOW,), only={UNSEEN_SHOW: 1}),
    Slice(("source", UNSEEN_SHOW), only={UNSEEN_SHOW: 1}),
)
"""The slices of an experiment: those of every evaluation, and shows that no training row has."""

_COLUMNS = ("user_id", "source", STREAM_TIER, LESS_STREAMED, UNSEEN_SHOW, label_column(STREAM))


@dataclass(frozen=True)
class Cell:
    """AP of streams of one system beside that of another, on one slice.

    Attributes:
        system: the system.
        against: the system that it is compared with.
        world: name of the world, or `all`.
        row: the comparison. In `all`, its absolute interval is missing if there are several worlds.
    """

    system: str
    against: str
    world: str
    row: PairedRow


def sources_of(cells: Iterable[Cell]) -> tuple[str, ...]:
    """The sources that slices are made by, in the order of the cells."""
    return tuple(dict.fromkeys(str(cell.row.keys["source"]) for cell in cells if "source" in cell.row.keys))


def cells_of(
    judged: Mapping[Model, Judged],
    worlds: Sequence[ExperimentWorld],
    pairs: Sequence[tuple[System, System]],
    slices: Sequence[Slice] = SYSTEM_SLICES,
) -> tuple[Cell, ...]:
    """A cell for each pair, slice, and world, and then for all worlds together, corrected for each other.

    Args:
        judged: the models of every seed.
        worlds: the worlds.
        pairs: each system with the one that it is compared with.
        slices: the slices.
    """
    return compared(lambda world, system: _scores(judged, world, system), worlds, pairs, slices)


def compared(
    scores_of: Callable[[ExperimentWorld, System], list[Scores]],
    worlds: Sequence[ExperimentWorld],
    pairs: Sequence[tuple[System, System]],
    slices: Sequence[Slice],
) -> tuple[Cell, ...]:
    """The cells of `cells_of`, with any scores.

    Args:
        scores_of: the scores of a system in a world, one for each seed.
        worlds: the worlds.
        pairs: each system with the one that it is compared with; pairs with the same second system should follow each
            other, since its scores are then read once.
        slices: the slices.
    """
    cells: list[Cell] = []
    for world in worlds:
        kept: dict[str, list[Scores]] = {}  # of the system that the last pairs were compared with
        for system, against in pairs:
            if against.name not in kept:
                kept = {against.name: scores_of(world, against)}
            rows = compare(scores_of(world, system), kept[against.name], slices, (AP,))
            cells += [Cell(system.name, against.name, world.name, row) for row in rows]
    together = [
        Cell(system.name, against.name, ALL_WORLDS, pooled(rows))
        for system, against in pairs
        for rows in _by_slice(cells, system.name, against.name)
    ]
    return (*_corrected(cells), *_corrected(together))


def pooled(rows: Sequence[PairedRow]) -> PairedRow:
    """The same comparison in several worlds as one row.

    The log changes of the worlds have the same weight: change = 1/W sum_w log(1 + relative_w). With the standard error
    e_w of each world, that of the mean is sqrt(sum_w e_w^2) / W; its degrees of freedom follow Welch (1947). So the
    interval is about these worlds, not about worlds at large. Worlds with too few positives do not count if others
    have enough.

    Args:
        rows: one row for each world, of the same label and slice.
    """
    chosen = [row for row in rows if row.judged] or [row for row in rows if row.relative is not None]
    counts = {name: sum(getattr(row, name) for row in rows) for name in ("examples", "positives", "users")}
    if not chosen:
        return replace(rows[0], **counts)
    if len(chosen) == 1:
        return replace(chosen[0], **counts)
    worlds = len(chosen)
    variances = [(row.log_error or 0.0) ** 2 for row in chosen]
    total = sum(variances)
    spread = sum(variance**2 / row.degrees for variance, row in zip(variances, chosen, strict=True) if row.degrees)
    shares = [variance * (row.seeds_share or 0.0) for variance, row in zip(variances, chosen, strict=True)]
    error = Spread(math.sqrt(total) / worlds, total**2 / spread if spread else 1.0, sum(shares) / total if total else 0)
    change = sum(math.log1p(row.relative) for row in chosen if row.relative is not None) / worlds
    low, high = error.interval(change)
    ours, theirs = (sum(getattr(row, side) for row in chosen) / worlds for side in ("ours", "theirs"))
    return replace(
        chosen[0],
        **counts,
        judged=all(row.judged for row in chosen),
        ours=ours,
        theirs=theirs,
        difference=ours - theirs,
        low=None,
        high=None,
        relative=math.expm1(change),
        relative_low=math.expm1(low),
        relative_high=math.expm1(min(high, 700.0)),
        p=error.p_value(change),
        q=None,
        log_error=error.error,
        degrees=error.degrees,
        seeds_share=error.seeds_share,
    )


def _scores(judged: Mapping[Model, Judged], world: ExperimentWorld, system: System) -> list[Scores]:
    models = [model for model in judged if model.world is world and model.system == system]
    return [stream_scores(judged[model].scores, model) for model in models]


def stream_scores(uri: str, model: Model) -> Scores:
    """The scores of a model's stream heads, and nothing else, to save memory."""
    from components.evaluation.config import CANDIDATE
    from components.evaluation.scores import score_column

    (branch,) = model.config.branches_to_run
    heads = [task.name for task in branch.recipe.tasks if task.label == STREAM]
    scores = read_scores(uri, [*_COLUMNS, *(score_column(CANDIDATE, head) for head in heads)])
    about = replace(scores.about, heads=tuple(head for head in scores.about.heads if head.label == STREAM))
    return replace(scores, about=about)


def _by_slice(cells: Sequence[Cell], system: str, against: str) -> list[list[PairedRow]]:
    rows: dict[str, dict[str, PairedRow]] = {}
    for cell in cells:
        if (cell.system, cell.against) == (system, against):
            # A recipe may have several heads for a source. The first one counts, and no world counts twice.
            rows.setdefault(cell.row.slice, {}).setdefault(cell.world, cell.row)
    return [list(of_worlds.values()) for of_worlds in rows.values()]


def _corrected(cells: Sequence[Cell]) -> list[Cell]:
    rows = corrected([cell.row for cell in cells])
    return [replace(cell, row=row) for cell, row in zip(cells, rows, strict=True)]
