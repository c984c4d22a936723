"""The command `coldcast experiment transfer`."""

from typing import Annotated

import typer

from experiments.shared_options import Out, Seeds
from pipeline.command_line.options import DEFAULT_CONFIG, ConfigFile, Overrides
from pipeline.terminal import quiet


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
    from experiments.systems.experiment import begin
    from experiments.systems.options import numbers, pairs, whole_numbers
    from experiments.transfer.grid import grid_of
    from experiments.transfer.systems import SYSTEMS

    experiment = begin("transfer", config, overrides, out)
    points = grid_of(
        experiment.config,
        experiment.folder,
        pairs(correlations),
        numbers("--ratios", ratios),
        whole_numbers("--amounts", amounts),
    )
    with quiet.into(experiment.log):
        from experiments.transfer.files import read_points, write_gains
        from experiments.transfer.gains import gains_of
        from experiments.transfer.picture import draw_map
        from experiments.transfer.tables import show_gains

        measured = read_points(point or ())
        judged = experiment.run(SYSTEMS, [each.world for each in points], seeds)
        gains = gains_of(judged, points)
        show_gains(experiment.screen, gains)
        write_gains(experiment.file(".csv"), gains)
        draw_map(experiment.file(".svg"), gains, measured)
    experiment.say_written(".csv", ".svg")
