"""The models of the arms: those of an earlier run of the pipeline, or else of a new one."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.console import Console

from components.ingestion.outputs.accounting import read_accounting
from experiments.ab.errors import ExperimentError
from experiments.ab.measures.metrics import CLICK
from experiments.ab.policies.policy import AD, CALIBRATED, RAW, Policy
from experiments.ab.simulate.on_ads import calibration_on_ads, kept_scores
from experiments.ab.simulate.scorer import Scorer, load_scorer
from experiments.systems.configs import TRIAL, changed
from experiments.systems.running import run_config
from files.storage import read_json
from models.calibration import Calibration
from models.report_file import TRAINING_REPORT
from pipeline.configuration.config import Config
from pipeline.errors import RunsError
from pipeline.metadata.records import Run, RunNotes
from pipeline.runs import list_runs
from pipeline.terminal.screen import say
from simulation.clock import day_date
from transforms.domain import STREAM


def check_policies(policies: Sequence[Policy], config: Config) -> None:
    """Checks that every policy's branch can predict streams of ads.

    Raises:
        ExperimentError: the config has no such branch, or the branch has no such head.
    """
    for policy in policies:
        _heads(policy, config)


def scorers_of(
    policies: Sequence[Policy], configs: Sequence[Config], screen: Console, log: Path, command: str
) -> tuple[dict[str, Scorer], str]:
    """The exported models that the policies use, by `Policy.model`, and the id of the run that trained them.

    It is the newest run with all models, reports, and scores that the policies need. If there is none, a new run
    trains them.

    Args:
        policies: of the arms.
        configs: of the roots where runs may be; a new run goes to the last one.
        screen: where lines go.
        log: file for the pipeline's output.
        command: the command that starts the experiment again.

    Raises:
        ExperimentError: a model does not fit the config.
        Exception: any error of a node of a new run.
    """
    branches = list(dict.fromkeys(policy.branch for policy in policies))
    run = next((run for config in configs if (run := _newest(config, policies))), None)
    if run is None:
        config = changed(configs[-1].model_dump(), TRIAL, "the test")
        title = f"training {' and '.join(branches)} in {config.root}"
        run = run_config(config, title, screen, RunNotes(command=command, log=str(log)))
    say(screen, f"models of the run {run.id}")
    models = {policy.model: policy for policy in policies}
    return {model: _scorer(policy, run, configs[-1]) for model, policy in models.items()}, run.id


def _newest(config: Config, policies: Sequence[Policy]) -> Run | None:
    """The newest run with a model and a training report of every branch, and scores to calibrate on.

    Runs that saw days of the test are left out.
    """
    try:
        runs = list_runs(config)
    except RunsError:
        return None
    of_policies = (run for run in reversed(runs) if all(_serves(run, policy) for policy in policies))
    return next((run for run in of_policies if _ends_before_test(run, config)), None)


def _serves(run: Run, policy: Policy) -> bool:
    can_calibrate = policy.change != CALIBRATED or kept_scores(run, policy.branch) is not None
    return can_calibrate and _files(run, policy.branch) is not None


def _ends_before_test(run: Run, config: Config) -> bool:
    """Whether the run saw no day of the test; one of a longer simulation did. True if its accounting is gone."""
    accountings = run.outputs("Ingestion", "accounting")
    if config.simulation is None or not accountings:
        return True
    first = day_date(config.simulation, config.simulation.end_day)
    return all(date.fromisoformat(day) < first for day in read_accounting(accountings[0]).days)


def _files(run: Run, branch: str) -> tuple[str, str] | None:
    models, reports = (run.outputs(f"Trainer.{branch}", key) for key in ("model", "model_run"))
    return (models[0], reports[0]) if models and reports else None


def _scorer(policy: Policy, run: Run, config: Config) -> Scorer:
    from tfx.utils.path_utils import serving_model_dir

    files = _files(run, policy.branch)
    if files is None:
        raise ExperimentError(f"the run {run.id} has no model of {policy.branch}; run the pipeline again")
    heads = _heads(policy, config)
    taken_back, added = {}, {}
    if policy.change == RAW:
        values = read_json(f"{files[1]}/{TRAINING_REPORT}")["calibrations"]
        taken_back = {label: Calibration(values[head]["scale"], values[head]["bias"]) for label, head in heads.items()}
    if policy.change == CALIBRATED:
        added = {label: calibration_on_ads(run, policy.branch, label, head) for label, head in heads.items()}
    return load_scorer(serving_model_dir(files[0]), heads, taken_back, added)


def _heads(policy: Policy, config: Config) -> dict[str, str]:
    """The heads for streams and, if there is one, for clicks of ads, by label."""
    branches = {branch.name: branch for branch in config.branches_to_run}
    branch = branches.get(policy.branch)
    if branch is None:
        raise ExperimentError(
            f"--policies {policy.name}: the config has no branch {policy.branch}; "
            f"its branches are {', '.join(branches)}"
        )
    heads = {label: branch.recipe.head_for(label, AD) for label in (STREAM, CLICK)}
    if heads[STREAM] is None:
        raise ExperimentError(
            f"--policies {policy.name}: {policy.branch} has no head that is measured on streams of ads"
        )
    return {label: head for label, head in heads.items() if head is not None}
