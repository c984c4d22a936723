"""Where the report of a run lies."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.configuration.config import Config


def report_folder(config: "Config", run_id: str) -> Path:
    """Where `coldcast run` writes the report of the run with this id."""
    return Path(config.home) / "reports" / run_id.replace(":", "-")
