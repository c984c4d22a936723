"""A folder of kept results, and ingestions that use it."""

from pathlib import Path

from tests.components.ingestion.in_process import Result, ingest_in_process
from tests.components.ingestion.random_logs import write_logs


class World:
    """Logs that change, ingested with what earlier ingestions kept, and from nothing; `defaults` are settings."""

    def __init__(self, folder: Path, **defaults: object) -> None:
        self.folder, self.kept, self._runs, self._defaults = folder, folder / "kept", 0, defaults

    def ingest(self, logs: dict, *, compare: bool = True, **settings: object) -> Result:
        """Ingests with what is kept; unless `compare` is False, the result must be that of a run from nothing."""
        self._runs += 1
        settings = self._defaults | settings
        place = self.folder / str(self._runs)
        written = write_logs(logs, place / "logs", plain=True)
        result = ingest_in_process(written, place / "out", kept=self.kept, **settings)
        if not compare:
            return result
        fresh = ingest_in_process(written, place / "fresh", **settings)
        assert result.labelled.equals(fresh.labelled)
        assert result.files == fresh.files, "byte for byte"
        assert result.accounting == fresh.accounting
        assert result.quarantine == fresh.quarantine
        return result
