"""A run on each day of logs that grow."""

from dataclasses import dataclass
from pathlib import Path

from components.ingestion.component import Ingestion
from components.split.component import TemporalSplit
from components.split.config import SplitConfig
from logs.fingerprint import fingerprint
from logs.location import write_location
from pipeline.configuration.config import Config
from pipeline.metadata.records import Run
from tests.components.ingestion.random_logs import write_logs
from tests.components.ingestion.some_logs import at, impression, interaction, logs_of
from tests.pipeline.cleaning.nodes import run


@dataclass
class Daily:
    """Logs that grow by a day, with a run of ingestion and the temporal split on each."""

    config: Config

    def run(self, last_day: int) -> Run:
        days = range(last_day + 1)
        shown = [
            impression(f"{source}{day}", at(day, 8), source=source) for day in days for source in ("ad", "promotion")
        ]
        acts = [interaction(f"x{day}", at(day, 9), "stream") for day in days]
        logs = write_logs(logs_of(shown, acts, last_day=last_day), Path(self.config.logs), plain=True)
        location = write_location(logs, fingerprint(logs), f"{self.config.home}/locations")
        kept = f"{self.config.home}/kept"
        domain, features = self.config.domain, self.config.feature_table
        ingestion = Ingestion(location, self.config.ingestion, domain, features, kept)
        split = TemporalSplit(
            days=ingestion.outputs["examples"],
            accounting=ingestion.outputs["accounting"],
            **SplitConfig(test_days=1, validation_days=1).parameters(),
        )
        return run(self.config, [ingestion, split])

    @property
    def kept_days(self) -> set[str]:
        return {path.name for path in Path(self.config.home, "kept/days").glob("*.json")}
