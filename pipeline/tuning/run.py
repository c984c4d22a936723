"""`coldcast tune`, start to end."""

import json
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console

from files.atomic import write_file
from pipeline.configuration.branches import Branch
from pipeline.configuration.config import Config
from pipeline.errors import ConfigError
from pipeline.execute import run_pipeline
from pipeline.metadata.records import Run, RunNotes
from pipeline.next_steps import Typed
from pipeline.terminal import quiet
from pipeline.terminal.commands import as_typed
from pipeline.terminal.fitting import TableColumn, show_columns
from pipeline.terminal.screen import say
from pipeline.tuning.snippet import snippet

RESULTS = "tuner_results.json"
"""The file of TFX's Tuner: for each trial its `trial_id`, its `score`, and its values by path."""


def tune_branches(
    config: Config, console: Console, *, names: Sequence[str], simulate: bool, typed: Typed, out: Path | None = None
) -> None:
    """Searches values for branches, and prints the trials and the best values as YAML.

    Args:
        config: the whole configuration.
        console: the screen; messages of libraries go to a file below `config.root`.
        names: branches; all that train from random weights if it is empty.
        simulate: simulate the config's world if there are no logs.
        typed: the file and the overrides of `config`, for the command that the run keeps.
        out: where the YAML goes, too.

    Raises:
        ConfigError: a name is not that of a branch, or the branch starts from another model.
    """
    branches = chosen(config, names)
    log = config.messages / f"tune-{datetime.now(timezone.utc):%Y%m%dT%H%M%S}.log"
    command = " ".join(["coldcast tune", as_typed(*typed), *(f"--branch {branch.name}" for branch in branches)])
    with quiet.into(log):
        notes = RunNotes(command=command, log=str(log))
        run = run_pipeline(config, console, notes, simulate=simulate, typed=typed, tune=branches)
    searches = {branch.name: results(run, branch.name) for branch in branches}
    for name, trials in searches.items():
        show_columns(console, trial_columns(trials), title=f"{name}: trials by validation AP of streams")
    best = {name: _values(trials[0]) for name, trials in searches.items()}
    text = yaml.safe_dump(snippet(config, best), sort_keys=False, default_flow_style=None, width=100)
    say(console, "The best values, for the config, in place of `recipe`, `baseline`, and `branches`:")
    console.print(text, highlight=False, markup=False, soft_wrap=True)
    if out:
        write_file(out, text)
        say(console, f"wrote {out}")


def chosen(config: Config, names: Sequence[str]) -> list[Branch]:
    """The branches to tune.

    Raises:
        ConfigError: a name is not that of a branch, or the branch starts from another model.
    """
    branches = {branch.name: branch for branch in config.branches_to_run}
    fresh = [branch for branch in branches.values() if branch.start_from is None]
    for name in names:
        if name not in branches:
            raise ConfigError(f"--branch {name}: unknown branch; valid branches are {', '.join(branches)}")
        if branches[name] not in fresh:
            raise ConfigError(
                f"--branch {name}: the branch starts from another model, and trials start from random weights; tune "
                "a branch without start_from"
            )
    if not fresh:
        raise ConfigError("branches: each one starts from another model, and trials start from random weights")
    return [branches[name] for name in dict.fromkeys(names)] or fresh


def results(run: Run, branch: str) -> list[dict[str, Any]]:
    """The trials of a branch that gave a model, the best first."""
    (folder,) = run.outputs(f"Tuner.{branch}", "tuner_results")
    return list(json.loads(Path(folder, RESULTS).read_text(encoding="utf-8")))


def trial_columns(trials: Sequence[dict[str, Any]]) -> list[TableColumn]:
    """The columns of a branch's trials, the best first; a setting that does not fit the screen is left out."""
    values = [_values(trial) for trial in trials]
    paths = dict.fromkeys(path for row in values for path in row)
    return [
        TableColumn("trial", [str(int(trial["trial_id"]) + 1) for trial in trials], right=True),
        TableColumn("AP", [f"{trial['score']:.4f}" for trial in trials], right=True),
        *(
            TableColumn(path, [_shown(row[path]) if path in row else "" for row in values], right=True, rank=rank)
            for rank, path in enumerate(paths, start=1)
        ),
    ]


def _shown(value: Any) -> str:
    """The value as a config has it, floats in four digits."""
    if isinstance(value, str):
        return value
    return f"{value:.4g}" if isinstance(value, float) else json.dumps(value)


def _values(trial: dict[str, Any]) -> dict[str, Any]:
    from models.tuning.space import decoded

    return {path: decoded(value) for path, value in trial.items() if path not in ("trial_id", "score")}
