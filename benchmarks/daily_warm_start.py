"""The gain of a daily run that starts from yesterday's model (`start_from: last`): epochs, seconds, and AP.

    python -m benchmarks.daily_warm_start                        # 2 days of a world of 30,000 impressions, 2 seeds
    python -m benchmarks.daily_warm_start -c default --days 3 --out work/daily

Each day is one run of the pipeline, whose branches differ in seed and start only. `split.end` moves by a day, so that
each day trains on one day more, validates on one day, and tests on the next. On the first day, all models start from
random weights, and it is not counted. AP of both kinds is compared on the test rows of all days together, by user.

You can stop it, and go on with the same `--out`.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from components.evaluation.paired.compare import compare
from components.evaluation.paired.measures import AP
from components.evaluation.paired.row import PairedRow
from components.evaluation.scores import Scores, read_scores
from components.evaluation.slices import Slice
from experiments.systems.configs import changed
from experiments.systems.texts import ap_text, change_text, interval_text
from files.storage import read_json
from models.report_file import TRAINING_REPORT
from pipeline.configuration.config import Config
from pipeline.metadata.records import Run
from transforms.domain import STREAM

COLD, WARM = "cold", "warm"
_WORLD = ("simulation.impressions=30000",)
_SLICES = (Slice(("source",)),)


@dataclass(frozen=True)
class DailyModel:
    """A model that one day's run trained.

    Attributes:
        kind: `cold` or `warm`.
        day: number of the day, from 0.
        seed: its seed.
        epochs: epochs that were trained.
        chosen: the best one, from 1.
        seconds: wall time of the epochs' training.
        started: whether it started from another model.
        scores: folder of its scores of the test rows.
    """

    kind: str
    day: int
    seed: int
    epochs: int
    chosen: int
    seconds: float
    started: bool
    scores: str


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-c", "--config", default="tiny", help="a config with a simulated world")
    parser.add_argument("--days", type=int, default=2, help="days after the first one")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--out", type=Path, help="where to work; a temporary folder if not given")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="as in `coldcast run`")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        out = (options.out or Path(temporary)).resolve()
        trained = _run_days(_config(options.config, options.set, out), options.days, options.seeds, out)
        for line in (*cost_lines(trained), "", *ap_lines(paired(trained))):
            print(line, flush=True)


def _config(name: str, overrides: Sequence[str], out: Path) -> Config:
    from pipeline.configuration.file import load_config

    world = () if name != "tiny" else _WORLD
    return load_config(name, [*world, f"root={out}/runs", f"logs={out}/logs", *overrides])


def day_config(config: Config, end: date, seeds: int, recipe: str) -> Config:
    """The config of the run whose test day is `end`: a cold and a warm branch for each seed, nothing published."""
    branches = [
        {"name": f"{kind}-{seed}", "recipe": recipe, "seed": seed, "start_from": start}
        for seed in range(1, seeds + 1)
        for kind, start in ((COLD, None), (WARM, "last"))
    ]
    split = {"end": end.isoformat(), "validation_days": 1, "test_days": 1}
    bounds = {"train_test": {"enabled": False}, "drift": {"enabled": False}}  # the days of a small world differ
    changes = {
        "branches": branches,
        "recipe": None,
        "baseline": None,
        "split": split,
        "validation": bounds,
        "pusher": {"enabled": False},
        "evaluator": {"compare_with_last": False, "thresholds": []},
        "runs": {"keep": None},
    }
    return changed(config.model_dump(), changes, f"the day {end}")


def _run_days(config: Config, days: int, seeds: int, out: Path) -> list[DailyModel]:
    from rich.console import Console

    from experiments.systems.running import run_config
    from pipeline.metadata.records import RunNotes
    from pipeline.terminal import quiet

    simulation = config.simulation
    if simulation is None:
        raise SystemExit("name a config with a simulated world")
    recipe = config.branches_to_run[-1].recipe_name
    last = simulation.start_date + timedelta(simulation.days - 3)  # all of its impressions are mature
    screen, trained = Console(), []
    with quiet.into(out / "messages" / "daily.log") as log:
        screen.file = screen.file  # this very file, also while standard output goes to the log
        for day in range(days + 1):
            own = day_config(config, last - timedelta(days - day), seeds, recipe)
            run = run_config(own, f"day {day} of {days}", screen, RunNotes(log=str(log)))
            trained += [_trained(run, kind, day, seed) for kind in (COLD, WARM) for seed in range(1, seeds + 1)]
            screen.print(f"day {day} of {days} is done", highlight=False)
    return trained


def _trained(run: Run, kind: str, day: int, seed: int) -> DailyModel:
    branch = f"{kind}-{seed}"
    (folder,) = run.outputs(f"Trainer.{branch}", "model_run")
    report = read_json(f"{folder}/{TRAINING_REPORT}")
    return DailyModel(
        kind=kind,
        day=day,
        seed=seed,
        epochs=len(report["epochs"]),
        chosen=report["chosen_epoch"],
        seconds=sum(epoch["seconds"] for epoch in report["epochs"]),
        started=report["started_from"] is not None,
        scores=run.outputs(f"Evaluator.{branch}", "scores")[0],
    )


def cost_lines(trained: Sequence[DailyModel]) -> list[str]:
    """Epochs and seconds of both kinds, the mean of the seeds, each day and over all days but the first."""
    lines = [f"{'day':>5}  {'kind':5} {'best epoch':>10} {'epochs':>7} {'seconds':>8}  started from a model"]
    days = sorted({model.day for model in trained if model.day})
    for name, chosen in (*((str(day), {day}) for day in days), ("all", set(days))):
        for kind in (COLD, WARM):
            own = [model for model in trained if model.kind == kind and model.day in chosen]
            best, epochs, seconds = (
                np.mean([getattr(model, field) for model in own]) for field in ("chosen", "epochs", "seconds")
            )
            started = f"{sum(model.started for model in own)} of {len(own)}"
            lines.append(f"{name:>5}  {kind:5} {best:10.1f} {epochs:7.1f} {seconds:8.1f}  {started}")
    return lines


def paired(trained: Sequence[DailyModel]) -> tuple[PairedRow, ...]:
    """AP of streams of the warm models against the cold ones by source, on the test rows of all days but the first."""
    counted = [model for model in trained if model.day]
    seeds = sorted({model.seed for model in counted})

    def side(kind: str) -> list[Scores]:
        folders = [[model.scores for model in counted if (model.kind, model.seed) == (kind, seed)] for seed in seeds]
        return [together([read_scores(folder) for folder in of_seed]) for of_seed in folders]

    rows = compare(side(WARM), side(COLD), _SLICES, (AP,))
    return tuple(row for row in rows if row.label == STREAM)


def together(days: Sequence[Scores]) -> Scores:
    """The scores of several days as those of one; no impression is tested on two days."""
    return replace(days[0], rows=pl.concat([day.rows for day in days], how="diagonal_relaxed").sort("impression_id"))


def ap_lines(rows: Sequence[PairedRow]) -> list[str]:
    """A line for each source."""
    lines = [f"{'AP of streams':14} {'cold':>7} {'warm':>7} {'change':>9}  {'95 % interval':20} positives"]
    for row in rows:
        aps = f"{ap_text(row.theirs):>7} {ap_text(row.ours):>7}"
        lines.append(f"{row.keys['source']:14} {aps} {change_text(row):>9}  {interval_text(row):20} {row.positives:9,}")
    return lines


if __name__ == "__main__":
    main()
