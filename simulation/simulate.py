"""The simulator: it lives the world day by day and writes its logs."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from files.atomic import new_folder
from files.paths import local_folder
from simulation.calibration import calibrate
from simulation.clock import day_date
from simulation.config import SimulationConfig
from simulation.day import Day, live
from simulation.effects import TERMS
from simulation.files import write_table
from simulation.names import OUTCOMES, SOURCES
from simulation.state import WorldState, first_state
from simulation.tables import (
    Names,
    all_shows_table,
    episodes_table,
    impressions_table,
    interactions_table,
    names_of,
    shows_table,
    users_table,
)
from simulation.truth import (
    campaigns_truth,
    creatives_truth,
    impressions_truth,
    libraries_truth,
    shows_truth,
    users_truth,
)
from simulation.world import World, draw_world

Progress = Callable[[int, int], None]


def simulate(config: SimulationConfig, out: str | Path, progress: Progress | None = None) -> None:
    """Simulates a world and writes `out/<table>/...` by the raw-log contract, and the truth into `out/truth`.

    The same config gives the same bytes. `out` appears when everything is written. Memory holds the world, its state,
    and one day, whatever the number of days.

    Args:
        config: the world's seed and sizes.
        out: a local folder that does not exist yet, or is empty.
        progress: called with the days done and the days in all; for the first time with no day done.

    Raises:
        FolderError: `out` exists and is not empty, cannot be written, or is not on this machine.
    """
    with new_folder(local_folder(out)) as folder:
        if progress:
            progress(0, config.end_day)
        world = draw_world(config)
        intercepts = calibrate(world)
        state = first_state(world)
        names = names_of(world)
        all_shows = all_shows_table(world, names)
        write_table(episodes_table(world, names), folder / "episodes")
        for day in range(config.end_day):
            write_day(world, names, live(world, state, intercepts, day), all_shows, folder)
            if progress:
                progress(day + 1, config.end_day)
        _write_truth(world, names, state, intercepts, folder)


def write_day(world: World, names: Names, day: Day, all_shows: pa.Table, folder: Path) -> None:
    """Writes a lived day into the logs of `folder`: actions, impressions with their truth, and snapshots when due."""
    config = world.config
    partition = f"date={day_date(config, day.number)}"
    snapshots = (day.number - config.first_day) % config.snapshot_every_days == 0
    write_table(interactions_table(world, names, day.actions, day.number), folder / "interactions" / partition)
    if snapshots:  # also before the first impressions: histories need the genres of the shows streamed then
        write_table(shows_table(world, all_shows, day.number), folder / "shows" / partition)
    if day.shown is None or day.response is None:
        return
    write_table(impressions_table(world, names, day.shown, day.number), folder / "impressions" / partition)
    write_table(impressions_truth(day.shown, day.response, day.number), folder / "truth" / "impressions" / partition)
    if snapshots:
        write_table(users_table(world, names, day.number), folder / "users" / partition)


def _write_truth(world: World, names: Names, state: WorldState, intercepts: NDArray[np.float64], folder: Path) -> None:
    truth = {
        "users": users_truth(world, names),
        "shows": shows_truth(world, names),
        "campaigns": campaigns_truth(world, names, state),
        "creatives": creatives_truth(world, names),
        "libraries": libraries_truth(state, names),
    }
    for name, table in truth.items():
        write_table(table, folder / "truth" / name)
    about = {
        "config": world.config.model_dump(mode="json"),
        "affinity": {"mean": world.affinity_mean, "scale": world.affinity_scale},
        "intercepts": {
            source: dict(zip(OUTCOMES, row, strict=True))
            for source, row in zip(SOURCES, intercepts.tolist(), strict=True)
        },
        "coefficients": {
            term: {source: dict(zip(OUTCOMES, row, strict=True)) for source, row in zip(SOURCES, rows, strict=True)}
            for term, rows in TERMS.items()
        },
    }
    (folder / "world.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
