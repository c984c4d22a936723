"""DeepCTR's and FuxiCTR's MMoE and PLE beside a branch of a run: the same rows, inputs, and budget.

    coldcast run -c tiny
    python -W ignore -m benchmarks.others -c tiny --branch joint                          # DeepCTR
    python -W ignore -m benchmarks.others -c tiny --branch joint --fuxictr-checkout DIR   # FuxiCTR, too

Takes the artifacts of the newest run. Each library runs in an environment of its own below `build/others`, which uv
makes when it is first needed. FuxiCTR's package on the registry lacks its models: clone github.com/reczoo/FuxiCTR, and
give the folder. Everything runs on one core, so that examples per CPU second compare. docs/others.md says what each
library can take of our inputs and of our loss.
"""

import argparse
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress

from benchmarks.others.environments import ENVIRONMENTS, LIBRARIES, python_of
from benchmarks.others.errors import OthersError
from pipeline.configuration.branches import Branch
from pipeline.configuration.config import Config
from pipeline.configuration.file import load_config
from pipeline.metadata.records import Run
from pipeline.runs import find_run
from pipeline.terminal import quiet
from transforms.errors import UserError

if TYPE_CHECKING:
    from models.prepared_rows import PreparedRows
    from models.spec import TrainingSpec
    from transforms.packed import PackedLayout

MODELS = ("mmoe", "ple")
_FROM_A_CHECKOUT = "fuxictr"
"""The library whose models are not in its package."""


def main() -> None:
    """Prints the tables and writes the CSV files."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    options = _options()
    try:
        libraries = chosen_libraries(options.library, options.fuxictr_checkout)
        config = load_config(options.config, options.set)
        run, branches = find_run(config, options.run), seeds_of(config, options.branch)
        out = options.out or Path(config.root) / "others"
        with quiet.into(out / "messages.log"):
            _compare(options, libraries, config, run, branches, out)
    except UserError as error:
        raise SystemExit(str(error)) from None


def _compare(
    options: argparse.Namespace,
    libraries: Sequence[str],
    config: Config,
    run: Run,
    branches: Sequence[Branch],
    out: Path,
) -> None:
    from benchmarks.others.exchange import job_of, write_rows
    from benchmarks.others.table import ap_columns, compared, speed_columns, speeds_of, write_csv
    from benchmarks.others.training import TrainingResult, train
    from benchmarks.run_rows import impression_ids, prepared_splits, split_files
    from components.evaluation.scores import read_scores
    from pipeline.terminal.fitting import show_columns
    from transforms.domain import STREAM

    console = Console()
    pythons = {library: python_of(library, console, options.environments) for library in libraries}
    branch = branches[0]
    spec = branch.spec(config.domain, config.features)
    ours = [read_scores(uri) for each in branches for uri in run.outputs(f"Evaluator.{each.name}", "scores")]
    if len(ours) != len(branches):
        raise OthersError(f"The run {run.id} has no scores of {branch.name}; run `coldcast run` to the end.")
    results: dict[str, list[TrainingResult]] = {}
    with tempfile.TemporaryDirectory() as temporary, Progress(console=console, transient=True) as progress:
        rows_folder = Path(temporary)
        layout, rows = prepared_splits(run, branch, config)
        for split, of_split in rows.items():
            write_rows(rows_folder / f"{split}.parquet", layout, of_split, spec)
        for library in libraries:
            for model in options.model or MODELS:
                for seed in range(1, options.seeds + 1):
                    name = f"{library} {model}"
                    bar = progress.add_task(f"{name}, seed {seed}: epochs", total=spec.trainer.epochs)
                    folder = out / "models" / f"{library}-{model}-{seed}"
                    shutil.rmtree(folder, ignore_errors=True)
                    folder.mkdir(parents=True)
                    results.setdefault(name, []).append(
                        train(
                            pythons[library],
                            library,
                            job_of(spec, layout, model, seed),
                            rows_folder,
                            folder,
                            options.fuxictr_checkout if library == _FROM_A_CHECKOUT else None,
                            lambda bar=bar: progress.advance(bar),  # type: ignore[misc]
                        )
                    )
                    progress.remove_task(bar)
    cells = compared(ours, impression_ids(split_files(run, "test")), results, branch.name, config.name)
    streams = [cell for cell in cells if cell.row.label == STREAM]
    shown = cells if options.all_labels else streams
    show_columns(console, ap_columns(shown, branch.name), f"Test AP of other libraries beside {branch.name}")
    speeds = [*_own_speeds(spec, layout, rows, console), *speeds_of(results)]
    show_columns(console, speed_columns(speeds), "Training on one core")
    write_csv(out, cells, speeds)
    console.print(f"{out}/ap.csv has every label; {out}/speed.csv has the second table", highlight=False)


def chosen_libraries(named: list[str] | None, checkout: Path | None) -> tuple[str, ...]:
    """The libraries to compare with: those that are named, or all that can run.

    Args:
        named: names; None for all.
        checkout: of FuxiCTR's repository, if the user has one.

    Raises:
        OthersError: FuxiCTR is named without a checkout, or the checkout lacks its models.
    """
    if checkout is None and named and _FROM_A_CHECKOUT in named:
        raise OthersError(
            "FuxiCTR's package on the registry has no MMoE or PLE: clone github.com/reczoo/FuxiCTR, and give the "
            "folder by --fuxictr-checkout."
        )
    if checkout is not None and not (checkout / "model_zoo" / "multitask").is_dir():
        raise OthersError(
            f"{checkout} has no folder model_zoo/multitask: give the folder of a clone of github.com/reczoo/FuxiCTR by "
            "--fuxictr-checkout."
        )
    can_run = (library for library in LIBRARIES if checkout is not None or library != _FROM_A_CHECKOUT)
    return tuple(dict.fromkeys(named or can_run))


def seeds_of(config: Config, names: list[str] | None) -> list[Branch]:
    """The branches of these names, which differ in their seed only; without names, the last one of the config.

    Raises:
        OthersError: a name is no branch, or two branches differ in more than their seed.
    """
    branches = {branch.name: branch for branch in config.branches_to_run}
    for name in names or ():
        if name not in branches:
            raise OthersError(f"--branch {name}: there is no such branch; valid names are {', '.join(branches)}.")
    chosen = [branches[name] for name in names or [*branches][-1:]]
    specs = [branch.spec(config.domain, config.features) for branch in chosen]
    same = {"name": specs[0].name, "seed": specs[0].seed}
    for spec in specs[1:]:
        if spec.model_copy(update=same) != specs[0]:
            raise OthersError(
                f"--branch {spec.name}: it differs from {specs[0].name} in more than its seed; compare them in "
                "commands of their own."
            )
    return chosen


def _own_speeds(
    spec: "TrainingSpec", layout: "PackedLayout", rows: "dict[str, PreparedRows]", console: Console
) -> list:  # type: ignore[type-arg]
    from benchmarks.others.pace import examples_per_cpu_second, with_encoder
    from benchmarks.others.table import Speed

    speeds = []
    specs = {f"Coldcast {spec.name}": spec} | {f"Coldcast {kind}": with_encoder(spec, kind) for kind in MODELS}
    for name, of_model in specs.items():
        with console.status(f"{name}: how fast it trains"):
            speeds.append(Speed(name, examples_per_cpu_second(of_model, layout, rows["train"], rows["validation"])))
    return speeds


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-c", "--config", default="tiny")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="the overrides of the run")
    parser.add_argument("--run", help="the beginning of the run's id; default: the newest run")
    parser.add_argument("--branch", action="append", help="repeat it for seeds of one branch; default: the last one")
    parser.add_argument("--library", action="append", choices=LIBRARIES, help="default: all that can run")
    parser.add_argument("--model", action="append", choices=MODELS, help="default: both")
    parser.add_argument("--seeds", type=int, default=1, help="seeds of each library's model")
    parser.add_argument("--fuxictr-checkout", type=Path, metavar="DIR", help="a clone of FuxiCTR's repository")
    parser.add_argument("--all-labels", action="store_true", help="also print clicks, likes, and follows")
    parser.add_argument("--out", type=Path, help="default: the folder `others` below the config's root")
    parser.add_argument("--environments", type=Path, default=ENVIRONMENTS, help="where the libraries are installed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
