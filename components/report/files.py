"""The files of a report: the page, and a CSV file for each table."""

import posixpath

from apache_beam.io.filesystems import FileSystems

from components.report.data import RunReport
from components.report.page.render import render
from components.report.page.table import ReportTable
from components.report.page.tables import csv_tables
from components.report.places import PAGE
from files.atomic import write_file
from files.tables import write_table


def write_page(report: RunReport, folder: str) -> str:
    """Writes the page and the CSV files into `folder`, over what was there, and returns the page's path."""
    for table in csv_tables(report).values():
        path = posixpath.join(folder, f"{table.name}.csv")
        if table.rows:
            _write(path, table)
        elif FileSystems.exists(path):  # of an earlier report
            FileSystems.delete([path])
    page = posixpath.join(folder, PAGE)
    write_file(page, render(report))
    return page


def _write(path: str, table: ReportTable) -> None:
    headings = [heading for heading, _ in table.columns]
    if table.few and "reading" not in headings:  # the page has these rows in grey
        lines = ((*row, "yes" if few else "no") for row, few in zip(table.rows, table.few, strict=True))
        write_table(path, [*headings, "too few positives"], lines)
    else:
        write_table(path, headings, table.rows)
