"""The commands `coldcast experiment`: the published table, ablations, and where joint training pays."""

import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from experiments.finetune.command import finetune
from experiments.shared_options import Out, Worlds
from pipeline.command_line.options import DEFAULT_CONFIG, ConfigFile, Overrides
from pipeline.terminal import quiet
from pipeline.terminal.screen import console, say, say_sentence

if TYPE_CHECKING:
    from experiments.systems.configs import Model, World
    from experiments.systems.running import Judged
    from experiments.systems.system import System
    from pipeline.configuration.config import Config

_HELP = "Compare systems on the same logs: each model is a run of the pipeline. Start again to go on after a stop."

Seeds = Annotated[int, typer.Option("--seeds", min=1, help="Models of each system: training seeds 1 to N.")]


def register(app: typer.Typer) -> None:
    """Adds the commands to `app`."""
    group = typer.Typer(help=_HELP, no_args_is_help=True)
    group.command("table1")(table1)
    group.command("ablation")(ablation)
    group.command("transfer")(transfer)
    group.command("finetune")(finetune)
    app.add_typer(group, name="experiment", rich_help_panel="Experiments")


def table1(
    config: ConfigFile = DEFAULT_CONFIG,
    seeds: Seeds = 5,
    worlds: Worlds = None,
    recipes: Annotated[
        str | None,
        typer.Option(metavar="NAME,...", help="Recipes to compare with promotions_only. Default: the published ones."),
    ] = None,
    out: Out = None,
    overrides: Overrides = None,
) -> None:
    """Compare every recipe of the publication with promotions_only, overall and by slice.

    It writes table1.csv and table1.svg.
    """
    from experiments.systems.configs import worlds_of
    from experiments.systems.options import whole_numbers, words
    from experiments.systems.system import System
    from experiments.table1.systems import BASELINE, OTHERS, PUBLISHED
    from pipeline.configuration.file import load_config

    screen, loaded = console(), load_config(config, overrides or [])
    folder = _folder(loaded, out)
    chosen = worlds_of(loaded, folder, whole_numbers("--worlds", worlds))
    others = tuple(System(name, name) for name in words(recipes)) or OTHERS
    with quiet.into(_log(folder, "table1")) as log:
        from experiments.systems.cell_files import write_cells
        from experiments.systems.cells import cells_of
        from experiments.systems.fairness import unequal_encoders
        from experiments.systems.forest import draw_forest
        from experiments.table1.tables import show_table1

        if problem := unequal_encoders(loaded, [system.recipe for system in (BASELINE, *others)]):
            say_sentence(screen, problem, first="warning: ")
        judged = _run((BASELINE, *others), chosen, seeds, screen, log)
        cells = cells_of(judged, chosen, [(system, BASELINE) for system in others])
        show_table1(screen, cells)
        write_cells(Path(folder, "table1.csv"), cells, PUBLISHED)
        title = f"AP of streams against {BASELINE.name}, {loaded.name}"
        draw_forest(Path(folder, "table1.svg"), cells, title, PUBLISHED)
    _written(screen, folder, "table1.csv", "table1.svg")


def ablation(
    config: ConfigFile = DEFAULT_CONFIG,
    seeds: Seeds = 3,
    worlds: Worlds = None,
    recipe: Annotated[str, typer.Option(metavar="NAME", help="The recipe to take apart.")] = "joint",
    only: Annotated[str | None, typer.Option(metavar="NAME,...", help="Ablations to run. Default: all.")] = None,
    out: Out = None,
    overrides: Overrides = None,
) -> None:
    """Leave out one part of a recipe at a time, and see what it is worth, also for new and less-streamed shows.

    It writes ablation.csv and ablation.svg.
    """
    from experiments.ablation.systems import ablations
    from experiments.systems.configs import worlds_of
    from experiments.systems.options import whole_numbers, words
    from pipeline.configuration.file import load_config

    screen, loaded = console(), load_config(config, overrides or [])
    folder = _folder(loaded, out)
    chosen = worlds_of(loaded, folder, whole_numbers("--worlds", worlds))
    full, others, idle = ablations(chosen[0], recipe)
    if only:
        others = _chosen("--only", words(only), others)
    with quiet.into(_log(folder, "ablation")) as log:
        from experiments.ablation.tables import show_ablation
        from experiments.systems.cell_files import write_cells
        from experiments.systems.cells import cells_of
        from experiments.systems.forest import draw_forest

        judged = _run((full, *others), chosen, seeds, screen, log)
        cells = cells_of(judged, chosen, [(system, full) for system in others])
        show_ablation(screen, cells, idle)
        write_cells(Path(folder, "ablation.csv"), cells)
        draw_forest(Path(folder, "ablation.svg"), cells, f"AP of streams against {recipe}, {loaded.name}")
    _written(screen, folder, "ablation.csv", "ablation.svg")


def transfer(
    config: ConfigFile = DEFAULT_CONFIG,
    seeds: Seeds = 2,
    correlations: Annotated[
        str, typer.Option(metavar="SHOW/USER,...", help="Correlations between the channels, of shows and of users.")
    ] = "0/0,0.4/0.3,0.8/0.6",
    ratios: Annotated[str, typer.Option(metavar="N,...", help="Ads for each promotion.")] = "1,4",
    amounts: Annotated[
        str | None,
        typer.Option(metavar="N,...", help="Impressions of the scarce channel. Default: those of the config's world."),
    ] = None,
    point: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=CSV", help="A transfer.csv of real logs, to draw into the map. Repeatable."),
    ] = None,
    out: Out = None,
    overrides: Overrides = None,
) -> None:
    """Map where joint training beats the best silo, and where it beats pooling both sources.

    Each point of the grid is a simulated world. With real logs there is one point: --correlations says how alike their
    channels are, and their ratio and amount are counted. It writes transfer.csv and transfer.svg.
    """
    from experiments.systems.options import numbers, pairs, whole_numbers
    from experiments.transfer.grid import grid_of
    from experiments.transfer.systems import SYSTEMS
    from pipeline.configuration.file import load_config

    screen, loaded = console(), load_config(config, overrides or [])
    folder = _folder(loaded, out)
    points = grid_of(
        loaded, folder, pairs(correlations), numbers("--ratios", ratios), whole_numbers("--amounts", amounts)
    )
    with quiet.into(_log(folder, "transfer")) as log:
        from experiments.transfer.files import read_points, write_gains
        from experiments.transfer.gains import gains_of
        from experiments.transfer.picture import draw_map
        from experiments.transfer.tables import show_gains

        measured = read_points(point or ())
        judged = _run(SYSTEMS, [each.world for each in points], seeds, screen, log)
        gains = gains_of(judged, points)
        show_gains(screen, gains)
        write_gains(Path(folder, "transfer.csv"), gains)
        draw_map(Path(folder, "transfer.svg"), gains, measured)
    _written(screen, folder, "transfer.csv", "transfer.svg")


def _run(
    systems: Sequence["System"], worlds: Sequence["World"], seeds: int, screen: Console, log: Path
) -> "dict[Model, Judged]":
    """Runs every system with every seed in every world. The seeds come last, so that early results hold all systems."""
    from experiments.systems.configs import Model
    from experiments.systems.running import run_models

    models = [Model(world, system, seed) for world in worlds for seed in range(1, seeds + 1) for system in systems]
    counts = f"{len(systems)} systems x {seeds} seeds x {len(worlds)} worlds"
    say(screen, f"{counts}: {len(models)} models; the messages of the libraries are in {log}")
    return run_models(models, screen, log, f"coldcast {shlex.join(sys.argv[1:])}")


def _folder(config: "Config", out: str | None) -> str:
    """The folder of the experiments' roots and results, absolute, made if it does not exist."""
    path = Path(out) if out else Path(f"{config.home}-experiments")
    path.mkdir(parents=True, exist_ok=True)
    return str(path.resolve())


def _log(folder: str, experiment: str) -> Path:
    return Path(folder) / "messages" / f"{experiment}.log"


def _written(screen: Console, folder: str, *names: str) -> None:
    say(screen, f"wrote {' and '.join(f'{folder}/{name}' for name in names)}")


def _chosen(option: str, names: Iterable[str], systems: Sequence["System"]) -> "tuple[System, ...]":
    from experiments.systems.errors import SystemsError

    by_name = {system.name: system for system in systems}
    for name in names:
        if name not in by_name:
            raise SystemsError(f"{option} {name}: there is no such ablation; there are {', '.join(by_name)}")
    return tuple(by_name[name] for name in names)
