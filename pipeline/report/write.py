"""Writes the report of a run: the page, and a CSV file for each of its tables."""

import csv
import io
from pathlib import Path

from components.report.build import build
from components.report.page.render import render
from components.report.page.table import Table
from components.report.page.tables import csv_tables
from files.atomic import write_file
from pipeline.configuration.config import Config
from pipeline.metadata.records import Run
from pipeline.report.gather import report_inputs
from pipeline.report.places import PAGE, report_folder


def write_report(config: Config, run: Run, against: Run | None = None, out: Path | None = None) -> Path:
    """Writes the report of `run`, over what was there.

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
    folder = out or report_folder(config, run.id)
    report = build(report_inputs(config, run, against))
    for table in csv_tables(report).values():
        path = folder / f"{table.name}.csv"
        if table.rows:
            write_file(path, _csv(table))
        else:
            path.unlink(missing_ok=True)  # of an earlier report
    write_file(folder / PAGE, render(report))
    return folder / PAGE


def _csv(table: Table) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([heading for heading, _ in table.columns])
    writer.writerows(table.rows)
    return text.getvalue()
