"""Where the report of a run lies."""

from pathlib import Path

from pipeline.configuration.config import Config
from pipeline.metadata.records import Run

PAGE = "report.html"


def report_folder(config: Config, run: Run) -> Path:
    """Where `coldcast run` writes the report of a run."""
    return Path(config.home) / "reports" / run.id.replace(":", "-")
