"""The tables about the data: rows by day and fate, quarantine, anomalies, drift, splits, and lineage."""

from collections.abc import Sequence

from components.report.data import RunReport
from components.report.page.table import Cell, ReportTable


def days(report: RunReport) -> ReportTable:
    """Impressions by day and fate."""
    days = report.accounting.days if report.accounting else {}
    rows = tuple(
        (day, count.rows, count.labelled_rows, count.immature, count.unobserved, count.quarantined, count.duplicate)
        for day, count in days.items()
    )
    headings = ("rows", "labelled", "immature", "unobserved", "quarantined", "duplicate")
    columns = (("day", "text"), *((heading, "count") for heading in headings))
    return ReportTable("days", "Impressions by day", columns, rows)


def quarantine(report: RunReport) -> ReportTable:
    """Rows by table and reason."""
    by_table = report.accounting.tables if report.accounting else {}
    rows: Sequence[tuple[Cell, ...]] = [
        (table, reason, number, count.rows)
        for table, count in by_table.items()
        for reason, number in {**count.quarantined, "duplicate": count.duplicate}.items()
        if number
    ]
    columns = (("table", "text"), ("reason", "text"), ("rows", "count"), ("of", "count"))
    return ReportTable("quarantine", "Rows that were not used, by reason", columns, tuple(rows))


def quarantine_days(report: RunReport) -> ReportTable:
    """Quarantined rows by table, day, and reason."""
    by_table = report.accounting.tables if report.accounting else {}
    rows = tuple(
        (day, table, reason, number)
        for table, count in by_table.items()
        for day, reasons in count.days.items()
        for reason, number in reasons.items()
    )
    columns = (("day", "text"), ("table", "text"), ("reason", "text"), ("rows", "count"))
    return ReportTable("quarantine_days", "Quarantined rows by day and reason", columns, rows)


def anomalies(report: RunReport) -> ReportTable:
    """Anomalies by check and feature."""
    rows = tuple((anomaly.check, anomaly.feature, anomaly.description) for anomaly in report.anomalies)
    columns = (("check", "text"), ("feature", "text"), ("what is unusual", "text"))
    return ReportTable("anomalies", "Anomalies", columns, rows)


def drift(report: RunReport) -> ReportTable:
    """The measured distances of distributions."""
    rows = tuple(
        (drift.check, drift.feature, drift.measure, drift.distance, drift.limit, drift.distance / drift.limit)
        for drift in report.drift
    )
    columns = (
        *(("check", "text"), ("feature", "text"), ("distance", "text"), ("measured", "number")),
        *(("limit", "number"), ("of the limit", "share")),
    )
    return ReportTable("drift", "How far each feature moved", columns, rows)


def splits(report: RunReport) -> ReportTable:
    """Days and rows of each split."""
    sources = list(dict.fromkeys(source for window in report.windows for source in window.rows))
    rows = tuple(
        (window.split, window.first_day, window.last_day, *(window.rows.get(source) for source in sources))
        for window in report.windows
    )
    headings = ("split", "first day", "last day")
    columns = (*((heading, "text") for heading in headings), *((source, "count") for source in sources))
    return ReportTable("splits", "Labelled impressions of each split", columns, rows)


def lineage(report: RunReport) -> ReportTable:
    """Names of what the run was made from, and where they lie."""
    return ReportTable("lineage", "What the run was made from", (("what", "text"), ("where", "text")), report.lineage)
