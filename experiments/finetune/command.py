"""The command `coldcast experiment finetune`."""

from typing import Annotated

import typer

from experiments.shared_options import Out, Worlds
from pipeline.command_line.options import DEFAULT_CONFIG, ConfigFile, Overrides
from pipeline.terminal import quiet
from pipeline.terminal.screen import say


def finetune(
    config: ConfigFile = DEFAULT_CONFIG,
    task: Annotated[str, typer.Option(metavar="TASK", help="The task to hold out, and to learn anew.")] = "click",
    rows: Annotated[
        str, typer.Option(metavar="N,...", help="Numbers of training rows.")
    ] = "500,1000,2000,5000,10000,20000,50000",
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Models of each way: training seeds 1 to N.")] = 3,
    worlds: Worlds = None,
    recipe: Annotated[str, typer.Option(metavar="NAME", help="The recipe of the start model.")] = "joint",
    out: Out = None,
    overrides: Overrides = None,
) -> None:
    """Draw the learning curve of a new task: fine-tuned, from nothing, and with the heads that a model already has.

    It writes finetune.csv and finetune.svg.
    """
    from experiments.finetune.systems import WAYS, new_task
    from experiments.systems.errors import SystemsError
    from experiments.systems.experiment import begin, typed
    from experiments.systems.options import whole_numbers

    experiment = begin("finetune", config, overrides, out)
    sizes = sorted(set(whole_numbers("--rows", rows)))
    if not sizes or sizes[0] < 1:
        raise SystemsError(f"--rows {rows}: write numbers above 0 with commas, such as 500,2000")
    held_out = new_task(experiment.config, task, recipe)
    chosen, screen = experiment.worlds(worlds), experiment.screen
    counts = f"{len(WAYS)} ways x {len(sizes)} numbers of rows x {seeds} seeds x {len(chosen)} worlds"
    with quiet.into(experiment.log) as log:
        from experiments.finetune.files import write_points
        from experiments.finetune.picture import draw_curve
        from experiments.finetune.points import points_of
        from experiments.finetune.running import run_curve
        from experiments.finetune.tables import show_points

        say(screen, f"{counts}, and {seeds * len(chosen)} start models; the messages of the libraries are in {log}")
        scores = run_curve(held_out, chosen, seeds, sizes, WAYS, screen, log, typed())
        points = points_of(held_out, scores, chosen)
        show_points(screen, points, task)
        write_points(experiment.file(".csv"), points)
        title = f"AP of {task}, a new task for {recipe}, {experiment.config.name}"
        draw_curve(experiment.file(".svg"), points, title)
    experiment.say_written(".csv", ".svg")
