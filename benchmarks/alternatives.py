"""A trained model beside LightGBM with the same rows and inputs, and in a simulated world beside the true probability.

    coldcast run -c configs/default.yaml
    python -W ignore -m benchmarks.alternatives -c configs/default.yaml

Takes the artifacts of the newest run: nothing is trained but the trees. Their inputs are those of the branch, prepared
by the same Transform graph. Validation alone chooses their parameters, their number, whether they see ids, and whether
each source counts alike or has trees of its own. Each line is the average precision of streams on the same test rows of
one source: overall, and where a model has little to go by. The scores of the branches are those that the Evaluator
kept, and `components/evaluation/paired` compares them. Several branches, such as seeds of one recipe, count with the
mean of their AP.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from rich.console import Console

from benchmarks.boosting import Trees, tuned
from benchmarks.run_rows import SPLITS, impression_ids, prepared_splits, split_files, true_probability
from components.evaluation.config import CANDIDATE
from components.evaluation.paired.compare import compare
from components.evaluation.paired.measures import AP
from components.evaluation.paired.row import PairedRow
from components.evaluation.paired.slices import FIRST_DAYS, UNSEEN
from components.evaluation.scores import About, Scores, label_column, read_scores, score_column
from components.evaluation.settings import EvaluatedHead
from components.evaluation.slices import Slice
from experiments.systems.texts import ap_text, slice_text
from pipeline.configuration.branches import Branch
from pipeline.configuration.config import Config
from pipeline.configuration.file import load_config
from pipeline.runs import find_run
from pipeline.terminal.fitting import TableColumn, show_columns
from transforms.domain import STREAM
from transforms.labelled import LESS_STREAMED, STREAM_TIER

SLICES = (
    Slice(("source",)),
    *(Slice(("source", mark), only={mark: 1}) for mark in (LESS_STREAMED, *UNSEEN, FIRST_DAYS)),
    *(Slice(("source", STREAM_TIER), only={STREAM_TIER: tier}) for tier in (5, 6, 7)),
)
"""The test rows of each source: all, and those where a model has little to go by."""


def main() -> None:
    """Prints the table."""
    options = _options()
    config = load_config(options.config, options.set)
    run = find_run(config, options.run)
    branches = chosen_branches(config, options.branch)
    layout, rows = prepared_splits(run, branches[0], config)
    served = [read_scores(uri) for branch in branches for uri in run.outputs(f"Evaluator.{branch.name}", "scores")]
    if len(served) != len(branches):
        raise SystemExit(f"the run {run.id} lacks scores of a branch; run `coldcast run` to the end")
    trees = tuned(layout, *(rows[split] for split in SPLITS), label=STREAM, trials=options.trials, seeds=options.seeds)
    console = Console()
    console.print(described(trees, config), highlight=False)
    ids, labels = impression_ids(split_files(run, "test")), rows["test"].label(STREAM)
    theirs = [stream_scores(ids, labels, tree.scores, config.sources) for tree in trees]
    compared = compare(served, theirs, SLICES, (AP,))
    truth: tuple[PairedRow, ...] = ()
    probabilities = true_probability(Path(config.logs) / "truth" / "impressions", ids)
    if probabilities is not None:
        best = stream_scores(ids, labels, probabilities, config.sources)
        truth = compare(served, [best], SLICES, (AP,))
    names = " and ".join(branch.name for branch in branches)
    heading = branches[0].name if len(branches) == 1 else "branches"
    title = f"Test AP of streams by {names} and LightGBM, and the paired difference; * too few positives to judge"
    show_columns(console, columns(compared, truth, heading), title)


def chosen_branches(config: Config, names: Sequence[str] | None) -> list[Branch]:
    """The branches of these names, or the first branch of the config.

    Raises:
        SystemExit: a name is no branch, or the branches differ in what they learn from: trees get one set of inputs.
    """
    branches = {branch.name: branch for branch in config.branches_to_run}
    for name in names or ():
        if name not in branches:
            raise SystemExit(f"--branch {name}: there is no such branch; valid names are {', '.join(branches)}")
    chosen = [branches[name] for name in names or [*branches][:1]]
    first, *others = [(branch, branch.spec(config.domain, config.features).inputs) for branch in chosen]
    for branch, inputs in others:
        if (inputs, branch.recipe.trained_on) != (first[1], first[0].recipe.trained_on):
            raise SystemExit(
                f"--branch {branch.name}: it learns from other sources or inputs than {first[0].name}; compare them in "
                "commands of their own"
            )
    return chosen


def stream_scores(ids: Sequence[str], labels: np.ndarray, scores: np.ndarray, sources: tuple[str, ...]) -> Scores:
    """Probabilities of a stream as the kept scores of a model with one head, which is measured on every source.

    Args:
        ids: the impressions, `[n]`.
        labels: whether they had a stream, `[n]`.
        scores: the probabilities, `[n]`.
        sources: all sources.
    """
    rows = {"impression_id": ids, label_column(STREAM): labels, score_column(CANDIDATE, STREAM): scores}
    head = EvaluatedHead(STREAM, STREAM, sources)
    return Scores(About((head,), sources, 0), pl.DataFrame(rows).sort("impression_id"))


def described(trees: Sequence[Trees], config: Config) -> str:
    """The parameters and numbers of trees that validation chose, in one sentence."""
    best = trees[0]
    parameters = ", ".join(f"{name} {value}" for name, value in best.parameters.items())
    counts = ", ".join(str(tree.trees) for tree in trees)
    aps = ", ".join(f"{tree.validation:.4f}" for tree in trees)
    sources = " and ".join(config.sources)
    return f"LightGBM: {parameters}; {counts} trees; mean validation AP of {sources} {aps}"


def columns(rows: Sequence[PairedRow], truth: Sequence[PairedRow], name: str) -> list[TableColumn]:
    """The comparison as the columns of a table.

    Args:
        rows: the branches beside the trees.
        truth: the branches beside the true probability; empty if it is not known.
        name: the heading of the branches' AP.
    """
    best = {row.slice: ap_text(row.theirs) for row in truth}
    differences = ["" if row.difference is None else f"{row.difference:+.4f}" for row in rows]
    intervals = ["" if row.low is None else f"{row.low:+.4f} to {row.high:+.4f}" for row in rows]
    marked = [f"{text}{'' if row.judged else ' *'}" for text, row in zip(differences, rows, strict=True)]
    return [
        TableColumn("source", [str(row.keys["source"]) for row in rows]),
        TableColumn("rows", [slice_text(row) for row in rows]),
        TableColumn("examples", [f"{row.examples:,}" for row in rows], right=True, rank=4),
        TableColumn("streams", [f"{row.positives:,}" for row in rows], right=True, rank=3),
        TableColumn(name, [ap_text(row.ours) for row in rows], right=True),
        TableColumn("LightGBM", [ap_text(row.theirs) for row in rows], right=True),
        TableColumn("difference", marked, right=True),
        TableColumn("95 % interval", intervals, right=True, rank=1),
        TableColumn("truth", [best.get(row.slice, "") for row in rows], right=True, rank=2),
    ]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-c", "--config", type=Path, default=Path("configs/default.yaml"))
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="the overrides of the run")
    parser.add_argument("--run", help="the beginning of the run's id; default: the newest run")
    parser.add_argument("--branch", action="append", help="may be repeated; default: the first branch")
    parser.add_argument("--trials", type=int, default=20, help="points of the parameters' space to try")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of the trees")
    return parser.parse_args()


if __name__ == "__main__":
    main()
