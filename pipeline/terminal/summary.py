"""The summary of a run: how good the model is beside the baseline, whether it was blessed, and where things lie."""

import posixpath

from rich.console import Console
from rich.table import Table

from components.evaluation.blessing import blessing
from components.evaluation.results import CANDIDATE, SliceFigure, load
from models.versions import version_number
from pipeline.configuration.config import Config
from pipeline.metadata.records import Node, Run
from pipeline.terminal.screen import say
from pipeline.terminal.tables import NARROW, add_row, show_table
from transforms.labels import LABELS, SOURCES

_MARKS = "* too few positives; ~ may be chance: one AP lies in the other's 95 % interval"


def show_summary(console: Console, config: Config, run: Run, *, gates: bool = False) -> None:
    """Prints the AP table, whether the model was blessed and why not, and where everything lies.

    Args:
        console: the screen.
        config: what `run` ran with, as far as its recipes go.
        run: a run, finished or not.
        gates: print every gate as it was read, not only those that failed.
    """
    evaluations = {
        name: load(uri) for name in config.all_recipes for uri in run.outputs(f"Evaluator.{name}", "evaluation")[:1]
    }
    if config.recipe in evaluations:
        wide = console.width >= NARROW
        title = "Average precision on the test days" + (", with 95 % intervals" if wide else "")
        show_table(console, title, _ap_table(config, evaluations, wide=wide))
        say(console, _MARKS)
        _show_blessing(console, config, run, gates=gates)
    elif others := [name for name in run.branches if name != config.recipe]:
        say(
            console,
            f"{config.recipe} was not judged in this run, which has {', '.join(others)}: --set recipe={others[0]}",
        )
    if pushed := run.node("AtomicPusher"):
        say(console, f"  {_pushed(pushed)}")
    elif run.trial:
        say(console, "  Nothing was published: pusher.enabled was false, so this was a trial.")
    trained = ", ".join(run.outputs(f"Trainer.{config.recipe}", "model"))
    places = {
        "model": posixpath.dirname(run.version) or trained,
        "metadata": str(config.metadata),
        "TensorBoard logs": ", ".join(run.outputs(f"Trainer.{config.recipe}", "model_run")),
        "evaluation": ", ".join(run.outputs(f"Evaluator.{config.recipe}", "evaluation")),
    }
    for what, where in places.items():
        say(console, f"  {what:<17} {where or 'none'}")


def is_published(config: Config) -> bool:
    """Whether a version of the model is published; an object store has no folder that could be asked for."""
    from apache_beam.io.filesystems import FileSystems

    (found,) = FileSystems.match([f"{config.models}/*/saved_model.pb"])
    return any(version_number(one.path.split("/")[-2]) is not None for one in found.metadata_list)


def _pushed(stage: Node) -> str:
    output = next(iter(stage.outputs.get("pushed_model", ())), None)
    if output is None:
        return f"Nothing was published: {stage.id} is {stage.state}."
    return str(output.properties["push_message"])


def _ap_table(config: Config, evaluations: dict[str, tuple[SliceFigure, ...]], *, wide: bool) -> Table:
    """A line for each label and source; without intervals and positives unless the screen is `wide`."""
    recipes = config.all_recipes
    against = config.baseline if config.baseline in evaluations and config.baseline != config.recipe else None
    table = Table()
    for column in ("label", "source"):
        table.add_column(column, no_wrap=True)
    for column in ("base\nrate", *(("positives",) if wide else ())):
        table.add_column(column, justify="right", no_wrap=True)
    for column in (config.recipe, *((against, f"{config.recipe} against\n{against}") if against else ())):
        table.add_column(column, justify="right", overflow="fold")  # long names of recipes fold, the rest stays whole
    for label in LABELS:
        for source in SOURCES:
            heads = recipes[config.recipe].heads_for(label, source)
            for head in heads:
                figure = _figure(evaluations[config.recipe], head, source)
                if figure is None:
                    continue
                named = label if len(heads) == 1 else f"{label} ({head})"
                positives = [f"{figure.positives:,}"] if wide else []
                row = [named, source, _share(figure.base_rate), *positives, _ap(figure, interval=wide)]
                if against:
                    other = _figure(evaluations[against], recipes[against].head_for(label, source), source)
                    row += [_ap(other, interval=wide), _change(figure, other)]
                add_row(table, *row)
    return table


def _figure(figures: tuple[SliceFigure, ...], head: str | None, source: str) -> SliceFigure | None:
    wanted = (CANDIDATE, head, f"source={source}")
    return next((figure for figure in figures if (figure.model, figure.head, figure.slice) == wanted), None)


def _ap(figure: SliceFigure | None, *, interval: bool) -> str:
    if figure is None or figure.ap is None:
        return "none"
    said = f" [{figure.low:.3f}, {figure.high:.3f}]" if interval and figure.low is not None else ""
    return f"{figure.ap:.4f}{said}{'' if figure.judged else ' *'}"


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.2%}"


def _change(figure: SliceFigure, other: SliceFigure | None) -> str:
    """How far the AP is from the other's; marked where one of the two lies in the other's interval."""
    if other is None or figure.ap is None or not other.ap or not figure.judged:
        return ""
    chance = _holds(figure, other.ap) or _holds(other, figure.ap)
    return f"{'~ ' if chance else ''}{figure.ap / other.ap - 1:+.1%}"


def _holds(figure: SliceFigure, ap: float) -> bool:
    """Whether `ap` lies in the 95 % interval of `figure`."""
    return figure.low is not None and figure.high is not None and figure.low <= ap <= figure.high


def _show_blessing(console: Console, config: Config, run: Run, *, gates: bool) -> None:
    evaluator = f"Evaluator.{config.recipe}"
    (evaluation,), (verdict,) = run.outputs(evaluator, "evaluation")[:1], run.outputs(evaluator, "blessing")[:1]
    outcome = blessing(evaluation, verdict)
    console.print(f"{config.recipe}: " + ("[bold green]blessed[/]" if outcome.blessed else "[bold red]not blessed[/]"))
    unjudged = [read for read in outcome.verdicts if read.value is None]
    few = sum(not read.candidate.judged for read in unjudged)
    counts = {
        "passed": len(outcome.verdicts) - len(unjudged),
        "had too few positives to judge": few,
        "had no blessed model before to compare with": len(unjudged) - few,
    }
    lines = outcome.reasons or ("gates: " + ", ".join(f"{count} {what}" for what, count in counts.items() if count),)
    marks = {None: "-", True: "✓", False: "✗"}
    read = (f"{marks[None if one.value is None else one.passed]} {one.sentence}" for one in outcome.verdicts)
    for line in read if gates else lines:
        say(console, f"  {line}")
