"""Writes what a run measured into the head of its config, so that reading the config is reading the experiment.

    python -m benchmarks.config_head configs/default.yaml

Takes the newest run of the config that cached nothing, from ML Metadata; replaces the lines from `# Measured` to the
next line that is no comment. A test sees where a config is no longer the one that was measured.
"""

import argparse
import hashlib
import os
from pathlib import Path

from components.evaluation.results import CANDIDATE, load
from pipeline.configuration.config import Config
from pipeline.configuration.file import load_config
from pipeline.errors import RunsError
from pipeline.runs import list_runs
from transforms.labels import LABELS, SOURCES

MARK = "# Measured"
_NEUTRAL = {"logs", "root", "beam", "pusher", "serving"}
"""What changes no figure."""


def digest(config: Config) -> str:
    """Eight hex digits over all values that figures depend on, defaults too."""
    return hashlib.sha256(config.model_dump_json(exclude=_NEUTRAL).encode()).hexdigest()[:8]


def measured(config: Config) -> list[str]:
    """The comment lines: seconds, then AP of each label on each source for every recipe of the newest whole run."""
    runs = [
        run
        for run in list_runs(config)
        if run.state == "complete" and all(node.state != "cached" for node in run.nodes)
    ]
    if not runs:
        raise RunsError(
            f"{config.metadata} has no whole run of {config.name}; remove {config.root} and run the config once"
        )
    run = runs[-1]
    seconds = sum(node.seconds for node in run.nodes)
    cores = len(os.sched_getaffinity(0))
    lines = [
        f"{MARK} on {cores} cores by `python -m benchmarks.config_head`: {seconds:.0f} s in all stages, as config "
        f"{digest(config)}. Test AP:",
        "#",
    ]
    names = list(config.all_recipes)
    lines.append(f"#   {'label':<8}{'source':<11}{'base rate':>10}" + "".join(f"{name:>17}" for name in names))
    for label in LABELS:
        for source in SOURCES:
            cells, base = [], None
            for name, recipe in config.all_recipes.items():
                (uri,) = run.outputs(f"Evaluator.{name}", "evaluation")
                wanted = (CANDIDATE, recipe.head_for(label, source), f"source={source}")
                found = [row for row in load(uri) if (row.model, row.head, row.slice) == wanted]
                base = found[0].base_rate if found else base
                mark = "" if found and found[0].judged else "*"
                ap = found[0].ap if found else None
                cells.append("none" if ap is None else f"{ap:.4f}{mark}")
            rate = "none" if base is None else f"{base:.2%}"
            lines.append(f"#   {label:<8}{source:<11}{rate:>10}" + "".join(f"{cell:>17}" for cell in cells))
    return [*lines, "#   * too few positives to judge"]


def rewrite(text: str, lines: list[str]) -> str:
    """`text` with its measured block replaced, or put at the end of its opening comment."""
    old = text.splitlines()
    opening = next(number for number, line in enumerate(old) if not line.startswith("#"))
    start = next((number for number, line in enumerate(old[:opening]) if line.startswith(MARK)), opening)
    gap = ["#"] if start == opening else []
    return "\n".join([*old[:start], *gap, *lines, *old[opening:]]) + "\n"


def main() -> None:
    """Rewrites each config named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("configs", nargs="+", type=Path)
    for path in parser.parse_args().configs:
        path.write_text(rewrite(path.read_text(), measured(load_config(path))))


if __name__ == "__main__":
    main()
