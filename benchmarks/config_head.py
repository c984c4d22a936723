"""Writes the measured figures of a run into the comment at the top of its config, so that you see results there.

    python -m benchmarks.config_head configs/default.yaml

Reads the newest run of the config that cached nothing from ML Metadata, and replaces the lines from `# Measured` to the
end of the comment at the top. A test fails if a config has changed since its figures were measured.
"""

import argparse
import os
from pathlib import Path

from components.evaluation.config import CANDIDATE
from components.evaluation.results import SliceFigure, load
from pipeline.configuration.branches import Branch
from pipeline.configuration.config import Config
from pipeline.configuration.file import load_config
from pipeline.errors import RunsError
from pipeline.metadata.records import Run
from pipeline.outcome.digest import digest
from pipeline.runs import list_runs

MARK = "# Measured"


def measured(config: Config, path: Path) -> list[str]:
    """The comment lines: seconds, then AP of each label on each source for every branch of the newest whole run.

    Args:
        config: the config of the run.
        path: its file, which the comment names in the command.
    """
    runs = [
        run
        for run in list_runs(config)
        if run.state == "complete" and all(node.state != "cached" for node in run.nodes)
    ]
    if not runs:
        raise RunsError(
            f"{config.metadata} has no run of {config.name} that cached nothing; remove {config.root} and run it once"
        )
    run = runs[-1]
    seconds = sum(node.seconds for node in run.nodes)
    cores = len(os.sched_getaffinity(0))
    lines = [
        f"{MARK} on {cores} cores: {seconds:.0f} s in all nodes (hash of the settings: {digest(config)}).",
        f"# `python -m benchmarks.config_head {os.path.relpath(path)}` writes these lines. Test AP:",
        "#",
    ]
    branches = config.branches_to_run
    figures = {branch.name: _by_head_and_slice(run, branch) for branch in branches}
    lines.append(f"#   {'label':<8}{'source':<11}{'base rate':>10}" + "".join(f"{name:>17}" for name in figures))
    for label in config.labels:
        for source in config.sources:
            cells, base = [], None
            for branch in branches:
                figure = figures[branch.name].get((branch.recipe.head_for(label, source), f"source={source}"))
                if figure is None or figure.ap is None:
                    cells.append("none")
                    continue
                base = figure.base_rate
                cells.append(f"{figure.ap:.4f}{'' if figure.judged else '*'}")
            rate = "none" if base is None else f"{base:.2%}"
            lines.append(f"#   {label:<8}{source:<11}{rate:>10}" + "".join(f"{cell:>17}" for cell in cells))
    return [*lines, "#   * too few positives"]


def _by_head_and_slice(run: Run, branch: Branch) -> dict[tuple[str | None, str], SliceFigure]:
    (uri,) = run.outputs(f"Evaluator.{branch.name}", "evaluation")
    return {(figure.head, figure.slice): figure for figure in load(uri).figures if figure.model == CANDIDATE}


def rewrite(text: str, lines: list[str]) -> str:
    """`text` with its measured block replaced, or added at the end of the comment at the top."""
    old = text.splitlines()
    opening = next(number for number, line in enumerate(old) if not line.startswith("#"))
    start = next((number for number, line in enumerate(old[:opening]) if line.startswith(MARK)), opening)
    gap = ["#"] if start == opening else []
    return "\n".join([*old[:start], *gap, *lines, *old[opening:]]) + "\n"


def main() -> None:
    """Rewrites each config that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("configs", nargs="+", type=Path)
    for path in parser.parse_args().configs:
        path.write_text(rewrite(path.read_text(), measured(load_config(path), path)))


if __name__ == "__main__":
    main()
