"""The features of candidates, from ingestion itself, at the start of the day (docs/ab.md#what-would-a-test-show).

The candidates of a day become impressions at its first microsecond, in logs that end there. Ingestion computes their
features point in time, so from nothing but the days before. Then the logs forget the candidates.
"""

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.pipeline import Pipeline
from numpy.typing import NDArray

from components.code_hash import code_hash
from components.ingestion.steps.beam_map import Steps
from components.ingestion.steps.ingest import IngestionSteps
from components.ingestion.steps.results import parquet_writer
from experiments.ab.errors import ExperimentError
from experiments.ab.simulate.requests import Requests
from files.kept import Kept
from logs.opening import open_logs
from logs.times import DAY_US, whole_days
from pipeline.configuration.config import Config
from simulation.arrays import Ints
from simulation.clock import day_date
from simulation.events import nothing
from simulation.files import write_table
from simulation.impressions import Impressions
from simulation.tables import Names, all_shows_table, impressions_table, interactions_table, shows_table, users_table
from simulation.world import World

_SINCE = ("user_seconds_since_stream", "user_show_seconds_since_impression", "user_show_seconds_since_stream")


@dataclass(frozen=True)
class FeatureStore:
    """Features of candidates from logs that grow day by day.

    Attributes:
        config: says which features there are and how ingestion computes them.
        world, names: of the logs.
        logs: folder of the raw logs.
        scratch: folder for what ingestion keeps from one day to the next.
    """

    config: Config
    world: World
    names: Names
    logs: Path
    scratch: Path

    def features_of(self, candidates: Impressions, day: int) -> pa.Table:
        """The features of a day's candidates, one row each, in their order.

        Args:
            candidates: impressions at the first microsecond of the day.
            day: number of the day; the logs hold all days before.

        Raises:
            ExperimentError: ingestion does not give features for every candidate.
            LogError: the logs break the contract.
        """
        table = impressions_table(self.world, self.names, candidates, day)
        folders = self._write(table, day)
        try:
            labelled = self._ingested(day)
        finally:
            for folder in folders:
                shutil.rmtree(folder)
        ids = pl.DataFrame({"impression_id": pl.Series(table["impression_id"].to_pylist(), dtype=pl.String)})
        place = pl.DataFrame({"impression_id": labelled["impression_id"].to_pylist()}).with_row_index("row")
        rows = ids.join(place, on="impression_id", how="left", maintain_order="left")["row"]
        if rows.null_count():
            raise ExperimentError(
                f"ingestion gives no features for {rows.null_count():,} of {len(rows):,} candidates of "
                f"{day_date(self.world.config, day)}; the config must declare the source `ad` and accept its rows"
            )
        return labelled.take(pa.array(rows.to_numpy()))

    def _write(self, candidates: pa.Table, day: int) -> list[Path]:
        """Writes the day with the candidates, and empty days until their windows end."""
        folders = []
        config = self.world.config
        for later in range(whole_days(self.config.domain.longest_window_us) + 1):
            folder = self.logs / "interactions" / f"date={day_date(config, day) + timedelta(later)}"
            write_table(interactions_table(self.world, self.names, nothing(), day), folder)
            folders.append(folder)
        shows = shows_table(self.world, all_shows_table(self.world, self.names), day)
        tables = {"impressions": candidates, "shows": shows, "users": users_table(self.world, self.names, day)}
        for name, table in tables.items():
            folder = self.logs / name / f"date={day_date(config, day)}"
            write_table(table, folder)
            folders.append(folder)
        return folders

    def _ingested(self, day: int) -> pa.Table:
        config = self.config
        features, domain = config.feature_table, config.domain
        scratch = self.scratch / "steps"
        shutil.rmtree(scratch, ignore_errors=True)
        steps = Steps(lambda: Pipeline(options=PipelineOptions(list(config.beam.args))), str(scratch), lambda _: None)
        # Digests tell a day with candidates from the same day with what was shown: both have the same path.
        memory = str(self.scratch / "memory")
        logs = open_logs(str(self.logs), features, domain, memory, code_hash("logs.footers"))
        kept = Kept(str(self.scratch / "kept"))
        outcome = IngestionSteps(logs, config.ingestion, domain, features, steps, kept).run(
            parquet_writer(config.tiers)
        )
        path = outcome.days.get(day_date(self.world.config, day))
        if path is None:
            raise ExperimentError(f"ingestion gives no rows for the candidates of {day_date(self.world.config, day)}")
        return pq.read_table(path)


def at_request(features: pa.Table, config: Config, requests: Requests, candidates: int, weekday: int) -> pa.Table:
    """The features at the time of the request: those of midnight, with the session and the clock of the server.

    Args:
        features: [n * candidates] rows, those of one request next to each other.
        config: has the feature table.
        requests: [n].
        candidates: candidates of each request.
        weekday: of the day, 0 for Monday.
    """
    elapsed = np.repeat(requests.since_midnight, candidates)
    last = np.repeat(requests.since_last, candidates)
    for feature in config.feature_table:
        _, _, derived = feature.column.partition("derived.")
        values = features[feature.name]
        if derived == "hour":
            hours = np.repeat((requests.since_midnight // 3_600).astype(np.int64), candidates)
            new = pa.array([f"{hour:02d}" for hour in hours.tolist()])
        elif derived == "weekday":
            new = pa.array([str(weekday)] * len(features))
        elif derived in _SINCE:
            new = pa.array(_floats(values) + elapsed, from_pandas=True)
        elif derived == "user_seconds_since_impression":
            new = pa.array(np.where(np.isnan(last), _floats(values) + elapsed, last), from_pandas=True)
        elif derived == "user_impressions_today":
            new = pa.array(np.repeat(requests.seen_today, candidates))
        else:
            continue
        position = features.column_names.index(feature.name)
        features = features.set_column(position, feature.name, new.cast(values.type))
    return features


def _floats(values: pa.ChunkedArray) -> NDArray[np.float64]:
    """Numbers with NaN for null."""
    return np.asarray(values.cast(pa.float64()).to_numpy())


def as_candidates(
    world: World, day: int, requests: Requests, users: Ints, device: Ints, campaign: Ints, creative: Ints,
    placement: Ints, episode: Ints,
) -> Impressions:  # fmt: skip
    """The candidates of a day as impressions at its start; users and device [n], the others [n, k] -> [n * k]."""
    n, k = campaign.shape
    flat = campaign.ravel()
    return Impressions(
        time_us=np.full(n * k, day * DAY_US, np.int64),
        is_ad=np.ones(n * k, bool),
        user=np.repeat(users, k),
        show=world.ads.show[flat],
        episode=episode.ravel(),
        device=np.repeat(device, k),
        placement=placement.ravel(),
        position=np.repeat(requests.position, k),
        campaign=flat,
        creative=creative.ravel(),
        spend_micros=np.ones(n * k, np.int64),
        sale=np.repeat(np.arange(n), k),
    )
