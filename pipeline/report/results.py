"""The results of a run, as its node `Report` keeps them. Without that node, they are computed."""

from collections.abc import Sequence

from components.evaluation.paired.correction import corrected
from components.evaluation.paired.measures import AP
from components.evaluation.paired.row import PairedRow
from components.evaluation.paired.slices import BY_SOURCE
from components.evaluation.scores import read_scores
from components.evaluation.slices import Slice
from components.report.changes import by_source, changes_of
from components.report.data import Change, RunResults
from components.report.kept import read_results
from pipeline.configuration.config import Config
from pipeline.metadata.records import REPORT, Run
from pipeline.runs import judged_branches


def results_of_run(config: Config, run: Run) -> RunResults:
    """The results of a run that judged a branch.

    Raises:
        RunsError, EvaluationError: the artifacts are not all there.
    """
    if kept := _kept(config, run):
        return kept
    from components.report.build import results_of
    from pipeline.report.gather import inputs_of

    return results_of(inputs_of(config, run))


def changes_by_source(config: Config, run: Run) -> tuple[Change, ...]:
    """Each judged branch beside the first one and beside the last blessed model, by label, source, and measure.

    Branches whose scores were not kept are left out.

    Raises:
        EvaluationError: scores cannot be read.
    """
    if kept := _kept(config, run):
        return tuple(by_source(change) for change in kept.changes)
    folders = {name: run.outputs(f"Evaluator.{name}", "scores")[:1] for name in judged_branches(config, run)}
    scores = {name: read_scores(uri) for name, uris in folders.items() for uri in uris}
    return tuple(changes_of(scores, BY_SOURCE))


def kept_changes(
    config: Config, run: Run, model: str, others: Sequence[str | None], slices: Sequence[Slice]
) -> list[tuple[PairedRow, ...]] | None:
    """The differences in AP of a branch from each of `others`, on some slices and corrected for these alone.

    They are read from the node's results, without scores. None if there are no such results.

    Args:
        config: of the run.
        run: it has judged the branch.
        model: the branch.
        others: the first branch, or `LAST_BLESSED`; no rows for None, and for a model that was not compared.
        slices: some of `PAIRED_SLICES`.
    """
    kept = _kept(config, run)
    if kept is None:
        return None
    columns = [set(slice_.columns) for slice_ in slices]
    rows_of = {change.other: change.rows for change in kept.changes if change.model == model}
    return [
        corrected([row for row in rows_of.get(other or "", ()) if row.measure == AP and set(row.keys) in columns])
        for other in others
    ]


def _kept(config: Config, run: Run) -> RunResults | None:
    """The node's results; None if there are none, or if the config now has its branches in another order."""
    for folder in run.outputs(REPORT, "report"):
        results = read_results(folder)
        if results and [branch.name for branch in results.branches] == judged_branches(config, run):
            return results
    return None
