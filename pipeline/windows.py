"""The days and rows of each split of a run."""

from components.ingestion.outputs.accounting import read_accounting
from components.split.windows import SplitWindow, windows
from pipeline.configuration.config import Config
from pipeline.metadata.records import Run


def windows_of(config: Config, run: Run) -> tuple[SplitWindow, ...]:
    """The splits of a run; none if its accounting is gone.

    Args:
        config: of the run.
        run: it has ingested the logs.
    """
    accountings = run.outputs("Ingestion", "accounting")
    return windows(read_accounting(accountings[0]).days, config.split, config.sources) if accountings else ()
