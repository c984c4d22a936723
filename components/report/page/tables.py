"""Every table of the report. To add one, add it to a list here; the template says where the page shows it."""

from components.report.data import RunReport
from components.report.page import data_tables, model_tables
from components.report.page.table import ReportTable

MOST_ROWS = 600
"""Rows of a table on the page; its CSV file has all. It bounds the size of the page."""

_ON_THE_PAGE = (
    model_tables.figures,
    model_tables.changes,
    model_tables.reliability,
    model_tables.reliability_by_tiers,
    model_tables.training,
    model_tables.trend,
    data_tables.days,
    data_tables.quarantine,
    data_tables.quarantine_days,
    data_tables.drift,
    data_tables.anomalies,
    data_tables.splits,
    data_tables.lineage,
)
_AS_CSV_ONLY = (model_tables.precision, model_tables.scores)  # the page has their charts


def tables(report: RunReport) -> dict[str, ReportTable]:
    """Every table of the page, by name."""
    return {table.name: table for table in (make(report) for make in _ON_THE_PAGE)}


def csv_tables(report: RunReport) -> dict[str, ReportTable]:
    """Every table that has a CSV file, by name: those of the page, and the points of all curves."""
    return tables(report) | {table.name: table for table in (make(report) for make in _AS_CSV_ONLY)}
