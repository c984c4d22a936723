"""Ingestion without Beam between the steps: fast enough for a property test that runs it a hundred times."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from components.ingestion.config import IngestionConfig
from components.ingestion.outputs.accounting import Accounting
from components.ingestion.outputs.quarantine_files import write_quarantine
from components.ingestion.steps.beam_map import Steps, decode, encode
from components.ingestion.steps.ingest import IngestionSteps
from components.ingestion.steps.results import parquet_writer
from files.kept import Kept
from logs.config import TiersConfig
from logs.opening import open_logs
from transforms.domain import Domain
from transforms.feature import Feature
from transforms.features import FEATURES


class InProcess(Steps):
    """Calls the functions one after the other; results pass through JSON as they do in Beam."""

    def run(self, name: str, function: Any, result_type: type, items: Any) -> list[Any]:
        return [decode(json.loads(json.dumps(encode(function(item)))), result_type) for item in items]


@dataclass(frozen=True)
class Result:
    labelled: pa.Table
    accounting: Accounting
    quarantine: list[tuple[str, str | None, str]]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Labelled rows with timestamps in microseconds."""
        index = self.labelled.schema.get_field_index("timestamp")
        return self.labelled.set_column(index, "timestamp", self.labelled["timestamp"].cast(pa.int64())).to_pylist()


def ingest_in_process(
    logs: str,
    folder: Path,
    config: IngestionConfig | None = None,
    features: tuple[Feature, ...] = FEATURES,
    domain: Domain | None = None,
    tiers: TiersConfig = TiersConfig(),  # noqa: B008 (frozen)
    kept: Path | None = None,
) -> Result:
    """Ingests `logs` with files below `folder`; results of earlier calls lie in `kept`."""
    config, domain = config or IngestionConfig(), domain or Domain()
    steps = InProcess(make_pipeline=None, scratch=str(folder / "scratch"), progress=print)  # type: ignore[arg-type]
    opened = open_logs(logs, features, domain, str(kept / "memory") if kept else "")
    store = Kept(str(kept or folder / "kept"))
    outcome = IngestionSteps(opened, config, domain, features, steps, store).run(parquet_writer(tiers))
    write_quarantine(outcome.quarantine, str(folder / "quarantine"))
    quarantine = pa.concat_tables([pq.read_table(path) for path in sorted((folder / "quarantine").glob("*.parquet"))])
    return Result(
        pa.concat_tables([pq.read_table(path) for path in outcome.days.values()]),
        outcome.accounting,
        sorted((tuple(row.values()) for row in quarantine.to_pylist()), key=str),
    )
