"""Models that are trained again on the logs of a test: on those of all arms, or each on those of its own arm."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from experiments.ab.policies.policy import Policy
from experiments.ab.simulate.models import scorers_of
from experiments.ab.simulate.own_logs import OwnLogs
from experiments.ab.simulate.scorer import Scorer
from experiments.systems.configs import changed
from files.atomic import new_folder
from pipeline.configuration.config import Config


def own(policies: Sequence[Policy]) -> tuple[Policy, ...]:
    """The policies, each with a model of its own."""
    return tuple(dataclasses.replace(policy, own=True) for policy in policies)


def trained_again(
    policies: Sequence[Policy], config: Config, logs: Path, days: int, screen: Console, log: Path, command: str
) -> tuple[dict[str, Scorer], list[str]]:
    """The models of policies after a test, by `Policy.model`, and the ids of the runs that trained them.

    A policy with a model of its own gets one that is trained on the logs of its arm; all others share a run on all
    logs. What an earlier call trained is not trained again.

    Args:
        policies: of the arms.
        config: of the models before the test.
        logs: of the test.
        days: length of the test.
        screen: where lines go.
        log: file for the pipeline's output.
        command: the command that starts the experiment again.

    Raises:
        SystemsError: the config does not fit the logs.
        Exception: any error of a node.
    """
    home = logs.parent.with_name(f"{logs.parent.name}-models")
    scorers: dict[str, Scorer] = {}
    runs: list[str] = []
    groups = {"all": [policy for policy in policies if not policy.own]}
    groups |= {f"arm-{number}": [policy] for number, policy in enumerate(policies) if policy.own}
    for name, group in groups.items():
        if not group:
            continue
        group_logs = logs
        if group[0].own:
            group_logs = home / name / "logs"
            if not group_logs.exists():
                with new_folder(group_logs) as folder:
                    OwnLogs(group[0].name, logs, folder).follow()
        settings = _settings(config, group, group_logs, home / name / "root", days)
        trained, run_id = scorers_of(group, [settings], screen, log, command)
        scorers |= trained
        runs.append(run_id)
    return scorers, runs


def _settings(config: Config, policies: Sequence[Policy], logs: Path, root: Path, days: int) -> Config:
    """The config of a run on the logs of a test, whose last day is for the test split, and a third for validation.

    Without this, the splits of the config could hold all days of the test, and training none. Models of the baseline's
    arm see other ads in the test days than before, so the gate that compares test with training days is off.
    """
    branches = {policy.branch for policy in policies}
    changes = {
        "logs": str(logs),
        "root": str(root),
        "simulation": None,  # the logs went on after its end
        "split": {"validation_days": max(days // 3, 1), "test_days": 1},
        "validation": {"train_test": {"enabled": False}},
        "recipe": None,
        "baseline": None,
        "branches": [{**row.model_dump(), "pushed": False} for row in config.branch_rows if row.name in branches],
    }
    return changed(config.model_dump(), changes, "training on the logs of the test")
