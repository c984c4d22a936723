"""Any two sides, each one model or the same recipe with several seeds, compared on the same rows.

Usage:

    joint = [read_scores(uri) for uri in uris_of_joint]        # one for each seed
    silo = [read_scores(uri) for uri in uris_of_silo]
    rows = compare(joint, silo)                                # a PairedRow a label, slice, and measure
    rows = compare([scores], [scores.last_blessed], slices=BY_SOURCE, measures=(AP,))
    tally(rows)                                                # how many would be expected by chance
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

import numpy as np
import polars as pl
from numpy.typing import NDArray

from components.evaluation.errors import EvaluationError
from components.evaluation.paired.cells import Cells
from components.evaluation.paired.correction import corrected
from components.evaluation.paired.difference import difference
from components.evaluation.paired.measures import MEASURES, Measured
from components.evaluation.paired.ranking import Ranking, RowUsers
from components.evaluation.paired.row import PairedRow
from components.evaluation.paired.slices import PAIRED_SLICES, slices_of
from components.evaluation.scores import Scores
from components.evaluation.slices import Slice, SliceKeys

MIN_USERS = 10
"""An interval is not trusted if fewer users than this have a positive."""


def compare(
    ours: Sequence[Scores],
    theirs: Sequence[Scores],
    slices: Sequence[Slice] = PAIRED_SLICES,
    measures: Sequence[str] = tuple(MEASURES),
) -> tuple[PairedRow, ...]:
    """Every measure of every label that both sides predict, on every slice.

    Rows that only one side scored are left out, and so are sources that only one side measures the label on. If a side
    has several heads for a label, each source's rows have the score of the head that is measured there.

    Args:
        ours: the models of one side, at least one, all of one recipe.
        theirs: those of the other side.
        slices: the slices.
        measures: names of `MEASURES`.

    Returns:
        Rows by label in the order of `ours`, overall before finer slices, corrected for each other.

    Raises:
        EvaluationError: the sides have no row in common, or the same row has two outcomes.
    """
    ours, theirs = _aligned(ours, theirs)
    rows, about = ours[0].rows, ours[0].about
    users = RowUsers.of(rows)
    cells = Cells.of(rows, ["source", *(column for slice_ in slices for column in slice_.columns)])
    sliced = list(slices_of(cells.values, slices, about.sources))
    compared = [
        row
        for label in about.labels
        for heads, other_heads in _pairs(ours[0], theirs[0], label)
        for row in _Pair(label, heads, other_heads, ours, theirs, users, cells).rows(sliced, measures)
    ]
    return corrected(compared)


def _aligned(ours: Sequence[Scores], theirs: Sequence[Scores]) -> tuple[list[Scores], list[Scores]]:
    """Both sides with the rows that all have, in one order."""
    models = [*ours, *theirs]
    ids = models[0].rows["impression_id"]
    if not all(ids.equals(model.rows["impression_id"]) for model in models[1:]):
        common = pl.DataFrame({"impression_id": ids})
        for model in models[1:]:
            common = common.join(model.rows.select("impression_id"), on="impression_id", how="semi")
        models = [
            Scores(
                model.about, model.rows.join(common, on="impression_id", how="semi").sort("impression_id"), model.model
            )
            for model in models
        ]
    first = models[0]
    if not first.rows.height:
        raise EvaluationError("The two sides have no test row in common; compare runs on the same logs and test days.")
    for model in models[1:]:
        for label in set(first.about.labels) & set(model.about.labels):
            if not np.array_equal(first.label(label), model.label(label)):
                raise EvaluationError(
                    f"The two sides have different outcomes of {label!r} for the same rows; compare runs that label "
                    "alike (the sections labels and ingestion of the config)."
                )
    return models[: len(ours)], models[len(ours) :]


def _pairs(ours: Scores, theirs: Scores, label: str) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """The heads to compare for a label, by source. A source that has several of our heads gives a pair for each."""
    heads = {source: ours.heads_for(label, source) for source in ours.about.sources}
    others = {source: theirs.heads_for(label, source) for source in ours.about.sources}
    for place in range(max(map(len, heads.values()), default=0)):
        chosen = {source: of_source[place] for source, of_source in heads.items() if place < len(of_source)}
        beside = {
            source: head if head in others[source] else others[source][0]
            for source, head in chosen.items()
            if others[source]
        }
        if beside:
            yield {source: chosen[source] for source in beside}, beside


class _Pair:
    """One label of two sides, on the sources that both measure it on."""

    def __init__(
        self,
        label: str,
        heads: dict[str, str],
        other_heads: dict[str, str],
        ours: Sequence[Scores],
        theirs: Sequence[Scores],
        users: RowUsers,
        cells: Cells,
    ) -> None:
        first = ours[0]
        self._label, self._heads, self._other_heads = label, heads, other_heads
        self._least = first.about.min_positives
        self._labels = first.label(label)
        self._users, self._cells = users, cells
        self._measured = cells.values["source"].is_in(list(heads)).to_numpy()
        self._rows_of_cell = np.bincount(cells.of_row, minlength=cells.values.height)
        positive = np.flatnonzero(self._labels)
        self._positive_cells, self._positive_users = cells.of_row[positive], users.of_row[positive]
        self._ours = [self._ranked(model, heads) for model in ours]
        self._theirs = [self._ranked(model, other_heads) for model in theirs]

    def rows(
        self, slices: Sequence[tuple[SliceKeys, NDArray[np.bool_]]], measures: Sequence[str]
    ) -> Iterator[PairedRow]:
        for keys, chosen in slices:
            if keys.get("source") in (None, *self._heads):
                yield from self._on_slice(keys, chosen & self._measured, measures)

    def _ranked(self, model: Scores, heads: dict[str, str]) -> Ranking:
        sources = self._cells.values["source"]
        scores = np.full(self._labels.size, -np.inf, np.float32)
        for head in dict.fromkeys(heads.values()):
            of_head = sources.is_in([source for source, name in heads.items() if name == head]).to_numpy()
            np.copyto(scores, model.score(head), where=of_head[self._cells.of_row])
        return Ranking.of(self._labels, scores, self._users, self._cells)

    def _on_slice(self, keys: SliceKeys, chosen: NDArray[np.bool_], measures: Sequence[str]) -> Iterator[PairedRow]:
        of_positives = self._positive_users[chosen[self._positive_cells]]
        positives, users = of_positives.size, np.count_nonzero(np.bincount(of_positives))
        judged = positives >= self._least and users >= MIN_USERS
        sources = (str(keys["source"]),) if "source" in keys else tuple(self._heads)
        ours, theirs = ([_measured(model, chosen, measures) for model in side] for side in (self._ours, self._theirs))
        for name in measures:
            values = [[of_model[name] for of_model in side] for side in (ours, theirs)]
            first, second = ([value for value in side if value is not None] for side in values)
            whole = len(first) == len(ours) and len(second) == len(theirs)
            result = difference(first, second) if whole else None
            figures = {} if result is None else asdict(result)
            if result is None:  # without users to compare, or a value of the other side, the figures still stand
                figures = {
                    side: _mean(present) if len(present) == len(models) else None
                    for side, present, models in (("ours", first, ours), ("theirs", second, theirs))
                }
            yield PairedRow(
                label=self._label,
                measure=name,
                keys=keys,
                sources=sources,
                heads=tuple(self._heads[source] for source in sources),
                other_heads=tuple(self._other_heads[source] for source in sources),
                examples=int(self._rows_of_cell[chosen].sum()),
                positives=positives,
                users=int(users),
                judged=judged and result is not None,
                **figures,
            )


def _measured(model: Ranking, chosen: NDArray[np.bool_], measures: Sequence[str]) -> dict[str, Measured | None]:
    """The value of each measure on the rows of the chosen cells."""
    rows = model.among(chosen)
    return {name: MEASURES[name](rows) for name in measures}


def _mean(values: Sequence[Measured]) -> float:
    return float(np.mean([measured.value for measured in values]))
