"""The command that adds a task to a trained model."""

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.command_line.options import DEFAULT_CONFIG, ConfigFile, Overrides, in_home, with_options
from pipeline.terminal.commands import as_typed
from pipeline.terminal.screen import console, say

if TYPE_CHECKING:
    from pipeline.finetune.start import Start


def register(app: typer.Typer) -> None:
    """Adds this module's command to `app`."""
    app.command("finetune", rich_help_panel="Pipeline")(finetune)


def finetune(
    task: Annotated[str, typer.Option(metavar="TASK", help="The new task, declared in `tasks` of the config.")],
    config: ConfigFile = DEFAULT_CONFIG,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="RUN|MODEL",
            callback=in_home,
            help="The run of the blessed model to start from (its id or first characters), or the folder of a "
            "published version. Default: the newest run with a blessed model.",
        ),
    ] = None,
    branch: Annotated[
        str | None, typer.Option(metavar="BRANCH", help="The branch of the run. Default: the one that is pushed.")
    ] = None,
    instead_of: Annotated[
        str | None, typer.Option(metavar="HEAD", help="A head of the start model to leave out. Default: keep all.")
    ] = None,
    rows: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Training rows, a random sample. Default: all.")
    ] = None,
    frozen: Annotated[
        bool,
        typer.Option(
            "--frozen/--unfrozen",
            help="Whether only the new tower learns, so that all other heads rank as before, or the whole model.",
        ),
    ] = True,
    sample: Annotated[
        bool, typer.Option(help="After the run, serve the model and score for a sample listener.")
    ] = False,
    overrides: Overrides = None,
) -> None:
    """Add a task to a blessed model. The new model keeps its weights, its features, and its Transform."""
    from pipeline.configuration.file import load_config
    from pipeline.execute import run_all
    from pipeline.finetune.config import finetune_config
    from pipeline.finetune.start import find_start

    given = with_options(overrides, {"trainer.rows": rows})
    loaded = load_config(config, given)
    origin = find_start(loaded, start, branch)
    screen = console()
    say(screen, f"starts from {origin.branch} of the run {origin.run}: {', '.join(origin.spec.recipe.heads)}")
    tuned = finetune_config(loaded, origin, task, instead_of=instead_of, frozen=frozen)
    run_all(
        tuned,
        screen,
        sample=sample,
        simulate=False,
        typed=(config, given),
        start=origin,
        command=command_of(as_typed(config, given), origin, task, instead_of=instead_of, frozen=frozen),
    )
    shown = as_typed(config, [*given, f"name={tuned.name}", f"root={tuned.root}"])
    say(screen, f"\nNext: coldcast runs show {shown}")


def command_of(options: str, start: "Start", task: str, *, instead_of: str | None, frozen: bool) -> str:
    """The command that fine-tunes the same model in the same way, also if the config pushes another branch by then.

    Args:
        options: those that name the config.
        start: the start model.
        task: the new task.
        instead_of: the head that is left out, if any.
        frozen: whether only the new tower learns.
    """
    parts = ["--from", start.run, "--branch", start.branch, "--task", task]
    parts += ["--instead-of", instead_of] if instead_of else []
    parts += [] if frozen else ["--unfrozen"]
    return f"coldcast finetune {options} {shlex.join(parts)}"
