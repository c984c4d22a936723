"""The summary of a run: how good its models are, whether they were blessed, and where everything lies."""

import posixpath
from collections import Counter
from collections.abc import Iterator

from rich.console import Console

from components.evaluation.blessing import Blessing, blessing
from components.evaluation.results import load
from components.report.places import PAGE
from models.versions import version_number
from pipeline.configuration.config import Config
from pipeline.metadata.records import PUSHER, Node, Run
from pipeline.report.places import report_folder
from pipeline.report.results import changes_by_source
from pipeline.runs import judged_branches
from pipeline.terminal.ap_table import show_ap_tables
from pipeline.terminal.calibration_table import show_calibration
from pipeline.terminal.screen import say, say_sentence

_MARKS = {None: "-", True: "✓", False: "✗"}


def show_summary(console: Console, config: Config, run: Run, *, conditions: bool = False) -> None:
    """Prints the AP tables, the calibration, whether the models were blessed and why not, and where everything lies.

    Args:
        console: the screen.
        config: of the run; branches of the run that are no longer in it are shown too.
        run: a run, finished or not.
        conditions: print every condition of a blessing with its value, not only those that failed.
    """
    judged = judged_branches(config, run)
    if judged:
        evaluations = {name: load(uri) for name in judged for uri in _outputs(run, name, "evaluation")[:1]}
        show_ap_tables(console, evaluations, changes_by_source(config, run))
        show_calibration(console, evaluations)
    else:
        say(console, "No model was judged in this run.")
    pushed = config.pushed_branch.name if config.pushed_branch else None
    for name in judged:
        _show_blessing(console, run, name, conditions=conditions and pushed in (None, name))
    if pusher := run.node(PUSHER):
        say_sentence(console, _push_message(pusher), first="  ", others="    ")
    elif run.trial:
        say(console, "  Nothing was published: no branch is pushed, or pusher.enabled is false.")
    for what, where in _places(config, run, judged):
        say(console, f"  {what:<17} {where or 'none'}")


def is_published(config: Config) -> bool:
    """Whether a version of the model is published, on this machine or in an object store."""
    from apache_beam.io.filesystems import FileSystems

    (match,) = FileSystems.match([f"{config.models}/*/saved_model.pb"])
    return any(version_number(file.path.split("/")[-2]) is not None for file in match.metadata_list)


def _outputs(run: Run, branch: str, key: str) -> tuple[str, ...]:
    return run.outputs(f"Evaluator.{branch}", key)


def _push_message(node: Node) -> str:
    output = next(iter(node.outputs.get("pushed_model", ())), None)
    if output is None:
        return f"Nothing was published: {node.id} is {node.state}."
    return str(output.properties["push_message"])


def _places(config: Config, run: Run, judged: list[str]) -> Iterator[tuple[str, str]]:
    """Where the run's model, metadata, logs and evaluations are; the pushed branch's, else those of all branches."""
    pushed = config.pushed_branch
    names = [pushed.name] if pushed and (pushed.name in judged or not judged) else judged
    trained = [uri for name in names for uri in run.outputs(f"Trainer.{name}", "model")]
    yield "model", posixpath.dirname(run.version) or ", ".join(trained)
    yield "metadata", str(config.metadata)
    yield "TensorBoard logs", ", ".join(uri for name in names for uri in run.outputs(f"Trainer.{name}", "model_run"))
    page = report_folder(config, run.id) / PAGE
    yield "report", str(page) if page.exists() else f"none; coldcast report {run.id} writes one"
    yield "evaluation", ", ".join(uri for name in names for uri in _outputs(run, name, "evaluation"))


def _show_blessing(console: Console, run: Run, branch: str, *, conditions: bool) -> None:
    verdicts = _outputs(run, branch, "blessing")[:1]
    if not verdicts:
        return
    outcome = blessing(_outputs(run, branch, "evaluation")[0], verdicts[0])
    console.print(f"{branch}: " + ("[bold green]blessed[/]" if outcome.blessed else "[bold red]not blessed[/]"))
    if conditions:
        marked = [(_MARKS[None if each.value is None else each.passed], each.sentence) for each in outcome.verdicts]
        for (mark, sentence), count in Counter(marked).items():
            same = f" ({count} conditions)" if count > 1 else ""
            say_sentence(console, f"{sentence}{same}", first=f"  {mark} ", others="    ")
    else:
        for sentence in outcome.reasons or (_counts(outcome),):
            say_sentence(console, sentence, first="  ", others="    ")


def _counts(outcome: Blessing) -> str:
    """How many conditions passed, and how many had nothing to judge."""
    unjudged = [verdict for verdict in outcome.verdicts if verdict.value is None]
    few = sum(not verdict.candidate.judged for verdict in unjudged)
    counts = {
        "passed": len(outcome.verdicts) - len(unjudged),
        "had too few positives to judge": few,
        "had no blessed model before to compare with": len(unjudged) - few,
    }
    return "conditions: " + ", ".join(f"{count} {what}" for what, count in counts.items() if count)
