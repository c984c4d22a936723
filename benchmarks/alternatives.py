"""A trained model beside LightGBM with the same rows and inputs, and in a simulated world beside the true probability.

    coldcast run -c configs/default.yaml
    python -W ignore -m benchmarks.alternatives -c configs/default.yaml

Takes the artifacts of the newest run: nothing is trained but the trees. Their inputs are those of the branch, prepared
by the same Transform graph. Validation alone chooses their parameters, their number,
whether they see ids, and whether each source counts alike or has trees of its own. Each
line is the average precision of streams on the same test rows of one source: overall, and where a model has little to
go by. The interval is that of the paired difference, over users. Several branches, such as seeds of one recipe, count
with the mean of their AP.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console

from benchmarks.boosting import Trees, tuned
from benchmarks.keys import SLICES, Keys, read_keys
from benchmarks.paired import Paired, paired
from benchmarks.run_rows import SPLITS, prepared_splits, served_scores, split_files, true_probability
from models.metrics.average_precision import average_precision
from models.prepared_rows import PreparedRows
from pipeline.configuration.branches import Branch
from pipeline.configuration.config import Config
from pipeline.configuration.file import load_config
from pipeline.runs import find_run
from pipeline.terminal.fitting import TableColumn, show_columns
from transforms.domain import STREAM


@dataclass(frozen=True)
class Line:
    """One line of the table.

    Attributes:
        source, slice_: the rows.
        examples, positives: their number.
        paired: AP of the branches and of the trees; None without positives.
        truth: AP of the true probability; None if it is not known.
    """

    source: str
    slice_: str
    examples: int
    positives: int
    paired: Paired | None
    truth: float | None


def main() -> None:
    """Prints the table."""
    options = _options()
    config = load_config(options.config, options.set)
    run = find_run(config, options.run)
    branches = chosen_branches(config, options.branch)
    layout, rows = prepared_splits(run, branches[0], config)
    test_files = split_files(run, "test")
    served = [served_scores(run, branch, config, test_files) for branch in branches]
    trees = tuned(layout, *(rows[split] for split in SPLITS), label=STREAM, trials=options.trials, seeds=options.seeds)
    console = Console()
    console.print(described(trees, config), highlight=False)
    keys = read_keys(test_files, split_files(run, "train"), branches[0].recipe.trained_on, config.tiers)
    truth = true_probability(Path(config.logs) / "truth" / "impressions", keys)
    lines = [*compared(rows["test"], keys, served, [tree.scores for tree in trees], truth, options.replicates)]
    names = " and ".join(branch.name for branch in branches)
    heading = branches[0].name if len(branches) == 1 else "branches"
    show_columns(
        console, columns(lines, heading), f"Test AP of streams by {names} and LightGBM, and the paired difference"
    )


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


def compared(
    rows: PreparedRows,
    keys: Keys,
    ours: Sequence[np.ndarray],
    theirs: Sequence[np.ndarray],
    truth: np.ndarray | None,
    replicates: int,
) -> Iterator[Line]:
    """A line for each source and slice of the rows.

    Args:
        rows: the test rows.
        keys: what slices them, in the same order.
        ours: scores `[n]` of each branch.
        theirs: scores `[n]` of the trees of each seed.
        truth: the true probabilities, `[n]`, or None.
        replicates: of the bootstrap.
    """
    labels = rows.label(STREAM)
    for source in rows.source_names:
        for name, members in SLICES.items():
            chosen = np.flatnonzero((rows.source == rows.source_names.index(source)) & members(keys))
            own = labels[chosen]
            pair = None
            if own.any() and all(np.isfinite(scores[chosen]).all() for scores in ours):
                pair = paired(
                    own,
                    keys.user_id[chosen],
                    [scores[chosen] for scores in ours],
                    [scores[chosen] for scores in theirs],
                    replicates,
                )
            best = None if truth is None else average_precision(own, truth[chosen])
            yield Line(source, name, len(chosen), int(own.sum()), pair, best)


def described(trees: Sequence[Trees], config: Config) -> str:
    """What validation chose, in one sentence."""
    best = trees[0]
    parameters = ", ".join(f"{name} {value}" for name, value in best.parameters.items())
    counts = ", ".join(str(tree.trees) for tree in trees)
    aps = ", ".join(f"{tree.validation:.4f}" for tree in trees)
    sources = " and ".join(config.sources)
    return f"LightGBM: {parameters}; {counts} trees; mean validation AP of {sources} {aps}"


def columns(lines: Sequence[Line], name: str) -> list[TableColumn]:
    """The lines as the columns of a table; `name` is the heading of the branches' AP."""
    pairs = [line.paired for line in lines]

    def figures(text: Callable[[Paired], str]) -> list[str]:
        return ["none" if pair is None else text(pair) for pair in pairs]

    return [
        TableColumn("source", [line.source for line in lines]),
        TableColumn("rows", [line.slice_ for line in lines]),
        TableColumn("examples", [f"{line.examples:,}" for line in lines], right=True, rank=4),
        TableColumn("streams", [f"{line.positives:,}" for line in lines], right=True, rank=3),
        TableColumn(name, figures(lambda pair: f"{pair.ours:.4f}"), right=True),
        TableColumn("LightGBM", figures(lambda pair: f"{pair.theirs:.4f}"), right=True),
        TableColumn("difference", figures(lambda pair: f"{pair.difference:+.4f}"), right=True),
        TableColumn("95 % interval", figures(lambda pair: f"{pair.low:+.4f} to {pair.high:+.4f}"), right=True, rank=1),
        TableColumn("truth", ["" if line.truth is None else f"{line.truth:.4f}" for line in lines], right=True, rank=2),
    ]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-c", "--config", type=Path, default=Path("configs/default.yaml"))
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="the overrides of the run")
    parser.add_argument("--run", help="the beginning of the run's id; default: the newest run")
    parser.add_argument("--branch", action="append", help="may be repeated; default: the first branch")
    parser.add_argument("--trials", type=int, default=20, help="points of the parameters' space to try")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of the trees")
    parser.add_argument("--replicates", type=int, default=500, help="of the bootstrap")
    return parser.parse_args()


if __name__ == "__main__":
    main()
