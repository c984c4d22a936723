"""One world's test: the world goes on after its logs, with a market for each arm, and writes logs with arms."""

import dataclasses
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from experiments.ab.labelling import label
from experiments.ab.measures.user_days import ARM, read_user_days
from experiments.ab.off_policy.candidates import DECISIONS, read_candidates
from experiments.ab.policies.policy import AD, Policy
from experiments.ab.simulate.assignment import arms_of
from experiments.ab.simulate.decisions import decisions_of
from experiments.ab.simulate.expected import expected_sums
from experiments.ab.simulate.features import FeatureStore, at_request
from experiments.ab.simulate.market import CANDIDATES, SplitMarket
from experiments.ab.simulate.own_logs import OwnLogs, own_logs_of
from experiments.ab.simulate.requests import requests_of
from experiments.ab.simulate.scorer import Predictions, Scorer, examples_of
from files.atomic import new_folder
from pipeline.configuration.config import Config
from simulation.advertising import Sold
from simulation.arrays import Floats
from simulation.calibration import calibrate
from simulation.clock import day_date
from simulation.config import SimulationConfig
from simulation.day import Day, live
from simulation.events import NONE
from simulation.files import write_table
from simulation.impressions import Impressions
from simulation.policies import Policies
from simulation.simulate import write_day
from simulation.state import first_state
from simulation.tables import Names, all_shows_table, episodes_table, impressions_table, interactions_table, names_of
from simulation.world import World, draw_world
from transforms.labelled import LESS_STREAMED, STREAM_TIER

USER_DAYS, EXPECTED, LOGS = "user_days.parquet", "expected.parquet", "logs"
CANDIDATES_FILE = "candidates.parquet"
"""Files in the folder of a finished test: sums by user and day, expected sums, candidates; and its logs."""

PROPENSITY = "propensity"
"""The column with the probability that the arm's policy picks the ad that it showed."""

Progress = Callable[[int, int], None]

_NOTHING = Policies(
    lambda _world, _state, _rng, moments, _day: Sold(
        *(np.zeros(len(moments), np.int64),) * 3, np.zeros(len(moments), bool)
    ),
    lambda _world, _state, _rng, moments, _day: np.full(len(moments), NONE),
)
"""Shows nothing: on the day after the test, only the last outcomes come in."""


@dataclass(frozen=True)
class Earlier:
    """A test that went before, with the same arms.

    Attributes:
        days: its length.
        scorers: the models that it had, by the `Policy.model` of the test that follows.
    """

    days: int = 0
    scorers: Mapping[str, Scorer] = field(default_factory=dict)


def run_test(
    config: Config,
    simulation: SimulationConfig,
    policies: tuple[Policy, ...],
    scorers: Mapping[str, Scorer],
    days: int,
    out: Path,
    progress: Progress = lambda _done, _total: None,
    earlier: Earlier | None = None,
) -> None:
    """Runs the test in one world and writes `out`: logs with arms, the sums by user and day, and the truth.

    The same arguments give the same result. `out` appears when everything is written.

    After an earlier test, the world lives that one again, and then goes on. Policies with models of their own then get
    features from the logs of their arm, like those that their models were trained on.

    Args:
        config: of the logs and the features.
        simulation: the world; the test begins on the day after its logs.
        policies: of the arms, the control first.
        scorers: their models, by `Policy.model`.
        days: length of the test.
        out: a folder that does not exist yet, or is empty.
        progress: called with the days done and the days in all.
        earlier: the test that went before; None if there was none.
    """
    earlier = earlier or Earlier()
    world = draw_world(simulation)
    start = simulation.end_day + earlier.days
    names, all_days = names_of(world), start + days + 1
    state, intercepts = first_state(world), calibrate(world)
    all_shows = all_shows_table(world, names)
    arm = arms_of(names.users.to_pylist(), simulation.seed, len(policies))
    with new_folder(out) as folder, tempfile.TemporaryDirectory() as scratch:
        logs = folder / LOGS
        write_table(episodes_table(world, names), logs / "episodes")
        store = FeatureStore(config, world, names, logs, Path(scratch))
        own = own_logs_of(policies, logs, Path(scratch, "arms"))
        market = SplitMarket(policies, arm, _Models(store, scorers, earlier, start, own))
        for day in range(all_days):
            progress(day, all_days)
            if day < simulation.end_day:
                write_day(world, names, live(world, state, intercepts, day), all_shows, logs)
            elif day < start + days:
                lived = live(world, state, intercepts, day, Policies(ads=market))
                write_day(world, names, lived, all_shows, logs)
                _write_arms(world, names, lived, market, logs, intercepts, with_candidates=day >= start)
            else:
                lived = live(world, state, intercepts, day, _NOTHING)
                actions = interactions_table(world, names, lived.actions, day)
                write_table(actions, logs / "interactions" / f"date={day_date(simulation, day)}")
        _write_results(config, folder, Path(scratch) / "ingested", f"date={day_date(simulation, start)}")
        progress(all_days, all_days)


class _Models:
    """Every model's predictions for all candidates, those of other arms too; see `market.Predict`.

    Args:
        store: features from the logs of all arms.
        scorers, earlier: the models of the test, and of the one before.
        start: first day of the test.
        own: by model, the logs of an arm whose model has features of its own.
    """

    def __init__(
        self,
        store: FeatureStore,
        scorers: Mapping[str, Scorer],
        earlier: Earlier,
        start: int,
        own: Mapping[str, OwnLogs],
    ) -> None:
        self._store, self._scorers, self._earlier, self._start, self._own = store, scorers, earlier, start, own

    def __call__(self, candidates: Impressions, day: int) -> dict[str, Predictions]:
        if day < self._start or not self._own:
            examples = self._examples(self._store, candidates, day)
            scorers = self._earlier.scorers if day < self._start else self._scorers
            return {model: scorer.predictions(examples) for model, scorer in scorers.items()}
        predictions = {}
        for model, logs in self._own.items():
            logs.follow()
            scratch = logs.folder.with_name(f"{logs.folder.name} kept")
            store = dataclasses.replace(self._store, logs=logs.folder, scratch=scratch)
            predictions[model] = self._scorers[model].predictions(self._examples(store, candidates, day))
        return predictions

    def _examples(self, store: FeatureStore, candidates: Impressions, day: int) -> NDArray[Any]:
        config, world = store.config, store.world
        weekday = day_date(world.config, day).weekday()
        features = store.features_of(candidates, day)
        features = at_request(features, config, requests_of(world, day), CANDIDATES, weekday)
        return examples_of(features, [feature.name for feature in config.feature_table])


def _write_arms(
    world: World,
    names: Names,
    day: Day,
    market: SplitMarket,
    logs: Path,
    intercepts: Floats,
    *,
    with_candidates: bool,
) -> None:
    """Writes the day's impressions again, with the arm of each, and for ads the propensity; and their candidates."""
    shown = day.shown
    if shown is None:
        return
    table = impressions_table(world, names, shown, day.number)
    arms = [market.policies[number].name for number in market.arm[shown.user].tolist()]
    propensity = np.full(len(shown), np.nan)
    partition = f"date={day_date(world.config, day.number)}"
    if auctioned := market.auctioned:
        sale = shown.sale[shown.is_ad]
        propensity[shown.is_ad] = auctioned.probability[sale, auctioned.chosen[sale]]
        if with_candidates:
            write_table(decisions_of(world, names, day, auctioned, intercepts), logs / DECISIONS / partition)
    table = table.append_column(ARM, pa.array(arms, pa.string()))
    table = table.append_column(PROPENSITY, pa.array(propensity, pa.float64(), from_pandas=True))
    write_table(table, logs / "impressions" / partition)


def _write_results(config: Config, folder: Path, ingested: Path, first: str) -> None:
    """Writes the sums, the truth, and the candidates; the last two from the partition `first` on."""
    logs = folder / LOGS
    label(config, str(logs), str(ingested))
    rows = read_user_days(str(logs), str(ingested), [AD])
    rows.sort("user_id", "day", STREAM_TIER, LESS_STREAMED).write_parquet(
        folder / USER_DAYS
    )  # the same bytes each time
    expected_sums(logs, ingested, first).write_parquet(folder / EXPECTED)
    read_candidates(str(logs), str(ingested)).rows.write_parquet(folder / CANDIDATES_FILE)


def pooled(folders: Sequence[Path]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The sums by user and day, and the truth, of the tests of several worlds; users of two worlds never mix."""
    users = [_named(pl.read_parquet(folder / USER_DAYS), folder, "user_id") for folder in folders]
    return pl.concat(users), pl.concat([pl.read_parquet(folder / EXPECTED) for folder in folders])


def pooled_candidates(folders: Sequence[Path]) -> pl.DataFrame:
    """The candidates of the tests of several worlds; see `Candidates.rows`."""
    frames = [_named(pl.read_parquet(path / CANDIDATES_FILE), path, "user_id", "impression_id") for path in folders]
    return pl.concat(frames, how="diagonal")


def _named(rows: pl.DataFrame, folder: Path, *ids: str) -> pl.DataFrame:
    return rows.with_columns((pl.lit(f"{folder.name} ") + pl.col(name)).alias(name) for name in ids)
