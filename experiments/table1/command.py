"""The command `coldcast experiment table1`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.shared_options import Out, Seeds, Worlds
from pipeline.command_line.options import DEFAULT_CONFIG, ConfigFile, Overrides
from pipeline.terminal import quiet
from pipeline.terminal.screen import say_sentence

if TYPE_CHECKING:
    from experiments.systems.configs import ExperimentWorld
    from experiments.systems.experiment import Experiment
    from experiments.systems.system import System


def table1(
    config: ConfigFile = DEFAULT_CONFIG,
    seeds: Seeds = 5,
    worlds: Worlds = None,
    recipes: Annotated[
        str | None,
        typer.Option(metavar="NAME,...", help="Recipes to compare with promotions_only. Default: the published ones."),
    ] = None,
    beside: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Show this recipe beside each of the others, from finished models. Trains nothing."
        ),
    ] = None,
    out: Out = None,
    overrides: Overrides = None,
) -> None:
    """Compare every recipe of the publication with promotions_only, overall and by slice.

    It writes table1.csv and table1.svg. With --beside NAME, it writes table1_beside_NAME.csv instead.
    """
    from experiments.systems.experiment import begin
    from experiments.systems.options import words
    from experiments.systems.system import System
    from experiments.table1.systems import BASELINE, OTHERS

    experiment = begin("table1", config, overrides, out)
    chosen = experiment.worlds(worlds)
    named = words("--recipes", recipes, "joint,joint_mmoe")
    systems = (BASELINE, *(tuple(System(name, name) for name in named) or OTHERS))
    if beside is None:
        _compare_with_baseline(experiment, systems, chosen, seeds)
    else:
        _show_beside(experiment, beside, systems, chosen, seeds)


def _compare_with_baseline(
    experiment: "Experiment", systems: "Sequence[System]", worlds: "Sequence[ExperimentWorld]", seeds: int
) -> None:
    from experiments.systems.fairness import unequal_encoders
    from experiments.table1.systems import BASELINE, PUBLISHED

    with quiet.into(experiment.log):
        from experiments.systems.cell_files import write_cells
        from experiments.systems.cells import cells_of
        from experiments.systems.forest import draw_forest
        from experiments.table1.tables import show_table1

        if problem := unequal_encoders(experiment.config, [system.recipe for system in systems]):
            say_sentence(experiment.screen, problem, first="warning: ")
        judged = experiment.run(systems, worlds, seeds)
        cells = cells_of(judged, worlds, [(system, BASELINE) for system in systems if system != BASELINE])
        show_table1(experiment.screen, cells)
        write_cells(experiment.file(".csv"), cells, PUBLISHED)
        title = f"AP of streams against {BASELINE.name}, {experiment.config.name}"
        draw_forest(experiment.file(".svg"), cells, title, PUBLISHED)
    experiment.say_written(".csv", ".svg")


def _show_beside(
    experiment: "Experiment", name: str, systems: "Sequence[System]", worlds: "Sequence[ExperimentWorld]", seeds: int
) -> None:
    from experiments.systems.options import system_named

    own = system_named("--beside", name, systems)
    with quiet.into(experiment.log):
        from experiments.systems.cell_files import write_cells
        from experiments.systems.cells import cells_of
        from experiments.systems.experiment import models_of
        from experiments.systems.judged import kept_models
        from experiments.table1.tables import show_beside

        judged = kept_models(models_of(systems, worlds, seeds))
        with experiment.screen.status(f"comparing {name} with {len(systems) - 1} systems"):
            cells = cells_of(judged, worlds, [(own, other) for other in systems if other != own])
        show_beside(experiment.screen, cells)
        write_cells(experiment.file(f"_beside_{name}.csv"), cells)
    experiment.say_written(f"_beside_{name}.csv")
