"""Validation AP of streams with other settings of the sections `model` and `trainer`, over several seeds.

    coldcast run -c configs/kuairand.yaml
    python -W ignore -m benchmarks.switches -c configs/kuairand.yaml --branch joint - numeric_bins=8,embedding_epochs=1

Each setting is a list of keys and values, `-` for those of the config. It trains the branch on the prepared rows of the
newest run, once for each seed, and reads no row of the test days. The difference is to the first setting with the same
seed: the mean over the seeds, then the standard deviation.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rich.console import Console
from rich.table import Table

from benchmarks.run_rows import split_files
from models.metrics.readings import Reading
from models.recipes import Recipe
from models.training.epochs import Trained
from models.training.loop import train
from models.training.prepare import prepared_data
from pipeline.configuration.branches import Branch, with_overrides
from pipeline.configuration.file import load_config
from pipeline.runs import find_run
from transforms.domain import STREAM


@dataclass(frozen=True)
class SettingFigures:
    """AP, epochs, and seconds of one setting, over its seeds.

    Attributes:
        setting: as it was given.
        by_source: AP of streams by source, the mean over the seeds.
        means: by seed, the mean AP of streams over the sources.
        epochs: by seed, the chosen epoch.
        seconds: of an epoch after the first, the median over all seeds.
    """

    setting: str
    by_source: dict[str, float]
    means: tuple[float, ...]
    epochs: tuple[int, ...]
    seconds: float


def main() -> None:
    """Prints the table."""
    options = _options()
    config = load_config(options.config, options.set)
    run = find_run(config, options.run)
    branch = next(branch for branch in config.branches_to_run if options.branch in (None, branch.name))
    spec = branch.spec(config.domain, config.features)
    (graph,) = run.outputs("Transform", "transform_graph")
    with prepared_data(
        spec, train=split_files(run, "train"), validation=split_files(run, "validation"), transform_graph=graph
    ) as data:
        measured = [
            summary(
                setting,
                spec.recipe,
                [
                    train(
                        changed(branch, setting, seed).spec(config.domain, config.features),
                        data.layout,
                        data.train,
                        data.validation,
                    )
                    for seed in options.seeds
                ],
            )
            for setting in options.settings
        ]
    Console().print(table(measured))


def changed(branch: Branch, setting: str, seed: int) -> Branch:
    """The branch with other values, such as `numeric_bins=8,embedding_epochs=1`, each in the section of its key."""
    values = {} if setting == "-" else dict(pair.split("=", 1) for pair in setting.split(","))
    sections: dict[str, Any] = {}
    for name in ("model", "trainer"):
        section = getattr(branch, name)
        own = {key: yaml.safe_load(values.pop(key)) for key in [*values] if key in type(section).model_fields}
        sections[name] = with_overrides(section, own, name)
    if values:
        raise SystemExit(f"{setting}: neither `model` nor `trainer` has {', '.join(values)}")
    return replace(branch, **sections, seed=seed)


def summary(setting: str, recipe: Recipe, trained: Sequence[Trained]) -> SettingFigures:
    """The figures of one setting from its models, one for each seed."""
    best = [run.epochs[run.chosen - 1] for run in trained]
    later = [epoch.seconds for run in trained for epoch in run.epochs[1:]] or [run.epochs[0].seconds for run in trained]
    return SettingFigures(
        setting=setting,
        by_source={
            source: float(np.mean([_ap(epoch.readings, head, source) for epoch in best]))
            for source in recipe.trained_on
            if (head := recipe.head_for(STREAM, source))
        },
        means=tuple(epoch.stream_ap for epoch in best),
        epochs=tuple(run.chosen for run in trained),
        seconds=float(np.median(later)),
    )


def table(measured: Sequence[SettingFigures]) -> Table:
    """A line for each setting, with its difference to the first."""
    shown = Table("setting", *measured[0].by_source, "mean", "difference", "epochs", "s/epoch")
    for line in measured:
        differences = np.subtract(line.means, measured[0].means)
        spread = f" ± {differences.std(ddof=1):.4f}" if len(differences) > 1 else ""
        shown.add_row(
            line.setting,
            *(f"{ap:.4f}" for ap in line.by_source.values()),
            f"{np.mean(line.means):.4f}",
            "" if line is measured[0] else f"{differences.mean():+.4f}{spread}",
            " ".join(map(str, line.epochs)),
            f"{line.seconds:.1f}",
        )
    return shown


def _ap(readings: Sequence[Reading], head: str, source: str) -> float:
    (ap,) = (reading.ap for reading in readings if (reading.head, reading.source) == (head, source))
    return float("nan") if ap is None else ap


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("settings", nargs="+", help="such as numeric_bins=8,embedding_epochs=1, or - for the config's")
    parser.add_argument("-c", "--config", type=Path, default=Path("configs/kuairand.yaml"))
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="the overrides of the run")
    parser.add_argument("--run", help="the beginning of the run's id; default: the newest run")
    parser.add_argument("--branch", help="the branch to train; default: the first")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    return parser.parse_args()


if __name__ == "__main__":
    main()
