"""Ingestion without Beam between the steps: fast enough for a property test that runs it a hundred times."""

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from components.ingestion.config import IngestionConfig
from components.ingestion.outputs.accounting import Accounting
from components.ingestion.outputs.quarantine_files import write_quarantine
from components.ingestion.steps.beam_map import Steps, decode, encode
from components.ingestion.steps.days import LabelDay
from components.ingestion.steps.ingest import IngestionSteps
from components.ingestion.steps.read import ReadChunk
from components.ingestion.steps.results import parquet_writer
from files.kept import Kept
from logs.config import TiersConfig
from logs.opening import open_logs
from logs.times import day_number
from tests.components.ingestion.some_logs import START
from transforms.domain import Domain
from transforms.feature import Feature
from transforms.features import FEATURES


@dataclass(frozen=True)
class InProcess(Steps):
    """Calls the functions one after the other; results pass through JSON as they do in Beam."""

    items: list[Any] = field(default_factory=list)

    def run(self, name: str, function: Any, result_type: type, items: Any) -> list[Any]:
        self.items.extend(items)
        return [decode(json.loads(json.dumps(encode(function(item)))), result_type) for item in items]


@dataclass(frozen=True)
class Result:
    labelled: pa.Table
    accounting: Accounting
    quarantine: list[tuple[str, str | None, str]]
    files: dict[date, bytes]
    items: list[Any]
    used: set[str]

    @property
    def computed(self) -> set[int]:
        """The days of impressions that were labelled and not kept from an earlier run, counted from `START`."""
        return {day_number(item.day) - START for item in self.items if isinstance(item, LabelDay)}

    @property
    def read(self) -> set[tuple[str, int]]:
        """The partitions with days that were read, as table and day, counted from `START`."""
        chunks = [item.chunk for item in self.items if isinstance(item, ReadChunk)]
        return {(chunk.table, day_number(chunk.day) - START) for chunk in chunks if chunk.day}

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
    result = IngestionSteps(opened, config, domain, features, steps, store).run(parquet_writer(tiers))
    write_quarantine(result.quarantine, str(folder / "quarantine"))
    quarantine = pa.concat_tables([pq.read_table(path) for path in sorted((folder / "quarantine").glob("*.parquet"))])
    return Result(
        pa.concat_tables([pq.read_table(path) for path in result.days.values()]),
        result.accounting,
        sorted((tuple(row.values()) for row in quarantine.to_pylist()), key=str),
        {day: Path(path).read_bytes() for day, path in result.days.items()},
        steps.items,
        store.used,
    )
