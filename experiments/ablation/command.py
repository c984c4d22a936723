"""The command `coldcast experiment ablation`."""

from typing import Annotated

import typer

from experiments.shared_options import Out, Seeds, Worlds
from pipeline.command_line.options import DEFAULT_CONFIG, ConfigFile, Overrides
from pipeline.terminal import quiet


def ablation(
    config: ConfigFile = DEFAULT_CONFIG,
    seeds: Seeds = 3,
    worlds: Worlds = None,
    recipe: Annotated[str, typer.Option(metavar="NAME", help="The recipe to take apart.")] = "joint",
    only: Annotated[str | None, typer.Option(metavar="NAME,...", help="Ablations to run. Default: all.")] = None,
    out: Out = None,
    overrides: Overrides = None,
) -> None:
    """Leave out one part of a recipe at a time, and measure the change of AP, also for new and less-streamed shows.

    It writes ablation.csv and ablation.svg.
    """
    from experiments.ablation.systems import ablations
    from experiments.systems.experiment import begin
    from experiments.systems.options import system_named, words

    experiment = begin("ablation", config, overrides, out)
    chosen = experiment.worlds(worlds)
    full, others, idle = ablations(chosen[0], recipe)
    if named := words("--only", only, "no_mask,no_balance"):
        others = tuple(system_named("--only", name, others) for name in named)
    with quiet.into(experiment.log):
        from experiments.ablation.tables import show_ablation
        from experiments.systems.cell_files import write_cells
        from experiments.systems.cells import cells_of
        from experiments.systems.forest import draw_forest

        judged = experiment.run((full, *others), chosen, seeds)
        cells = cells_of(judged, chosen, [(system, full) for system in others])
        show_ablation(experiment.screen, cells, idle)
        write_cells(experiment.file(".csv"), cells)
        draw_forest(experiment.file(".svg"), cells, f"AP of streams against {recipe}, {experiment.config.name}")
    experiment.say_written(".csv", ".svg")
