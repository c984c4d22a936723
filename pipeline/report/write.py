"""Writes the report of a run: the page, and a CSV file for each of its tables."""

from pathlib import Path

from components.report.build import report_of
from components.report.files import write_page
from pipeline.configuration.config import Config
from pipeline.metadata.records import Run
from pipeline.report.gather import context_of
from pipeline.report.places import report_folder
from pipeline.report.results import results_of_run


def write_report(config: Config, run: Run, against: Run | None = None, out: Path | None = None) -> Path:
    """Writes the report of `run`, and replaces an earlier one.

    Args:
        config: of the run.
        run: it has judged a branch.
        against: another run, whose models each branch is compared with.
        out: the folder to write to. Default: `report_folder`.

    Returns:
        The page.

    Raises:
        RunsError, EvaluationError: the artifacts are not all there.
        OSError: the folder cannot be written.
    """
    results = results_of_run(config, run)
    return Path(
        write_page(report_of(results, context_of(config, run, against)), str(out or report_folder(config, run.id)))
    )
