"""The tables of the report. The CSV files have the same rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from components.evaluation.paired.measures import AP
from components.report.data import Report
from components.report.page.words import MEASURES, slice_words

Cell = str | int | float | None


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
        name: its place in the page, and the name of its CSV file.
        caption: what it shows.
        columns: the headings, and how the page writes the cells: `text`, `count`, `number`, `share`, or `change`.
        rows: the cells; a row with a label has it in the column `label`.
        few: for each row, whether it has too few positives to judge.
    """

    name: str
    caption: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Cell, ...], ...]
    few: tuple[bool, ...] = ()

    @property
    def label_at(self) -> int | None:
        """The place of the column `label`; None if there is none."""
        return next((place for place, (heading, _) in enumerate(self.columns) if heading == "label"), None)


MOST_ROWS = 600
"""Rows of a table on the page; its CSV file has all. It bounds the size of the page."""


def tables(report: Report) -> dict[str, Table]:
    """Every table of the report, by name."""
    made = (_figures(report), _changes(report), _reliability(report), _days(report), _quarantine(report))
    others = (_anomalies(report), _trend(report), _splits(report), _lineage(report))
    return {table.name: table for table in (*made, *others)}


def text(value: Cell, kind: str) -> str:
    """A cell as the page writes it."""
    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    form = {"count": "{:,.0f}", "number": "{:.4f}", "share": "{:.2%}", "change": "{:+.1%}"}[kind]
    return form.format(value)


def short(value: Cell) -> str:
    """A number for sorting, in seven digits; empty for none."""
    return "" if value is None else f"{value:.7g}" if isinstance(value, float) else str(value)


def _figures(report: Report) -> Table:
    figures = [
        (branch, figure)
        for branch in report.branches
        for figure in branch.figures
        if figure.examples and figure.ap is not None
    ]
    rows = tuple(
        (
            *(branch.name, figure.label, figure.head, slice_words(figure.keys)),
            *(figure.ap, figure.low, figure.high, figure.base_rate, figure.positives, figure.examples),
            *(figure.calibration, figure.calibration_low, figure.calibration_high),
        )
        for branch, figure in figures
    )
    columns = (
        *(("model", "text"), ("label", "text"), ("head", "text"), ("slice", "text")),
        *(("AP", "number"), ("low", "number"), ("high", "number"), ("base rate", "share")),
        *(("positives", "count"), ("examples", "count")),
        *(("expected / observed", "number"), ("its low", "number"), ("its high", "number")),
    )
    few = tuple(not figure.judged for _, figure in figures)
    return Table("figures", "AP and calibration of each model, head, and slice", columns, rows, few)


def _changes(report: Report) -> Table:
    compared = [(change, row) for change in report.changes for row in change.rows if row.ours is not None]
    rows = tuple(
        (
            *(change.model, change.other, row.label, MEASURES[row.measure], slice_words(row.keys)),
            *(row.ours, row.theirs, row.relative, row.relative_low, row.relative_high, row.q, row.positives),
            "interval excludes 0" if row.excludes_zero else "may be chance" if row.judged else "too few positives",
        )
        for change, row in compared
    )
    columns = (
        *(("model", "text"), ("beside", "text"), ("label", "text"), ("measure", "text"), ("slice", "text")),
        *(("this", "number"), ("other", "number"), ("change", "change"), ("low", "change"), ("high", "change")),
        *(("q", "number"), ("positives", "count"), ("reading", "text")),
    )
    few = tuple(not row.judged for _, row in compared)
    return Table("changes", "Each difference of two models on the same test rows", columns, rows, few)


def _reliability(report: Report) -> Table:
    rows = tuple(
        (
            *(branch.name, curves.label, curves.source),
            *(point.predicted, point.observed, point.low, point.high, point.positives, point.examples),
        )
        for branch in report.branches
        for curves in branch.curves
        for point in curves.reliability
    )
    columns = (
        *(("model", "text"), ("label", "text"), ("source", "text"), ("mean prediction", "number")),
        *(("observed", "number"), ("low", "number"), ("high", "number"), ("positives", "count"), ("examples", "count")),
    )
    return Table("reliability", "The points of the reliability curves", columns, rows)


def _days(report: Report) -> Table:
    days = report.accounting.days if report.accounting else {}
    rows = tuple(
        (day, count.rows, count.labelled_rows, count.immature, count.unobserved, count.quarantined, count.duplicate)
        for day, count in days.items()
    )
    headings = ("rows", "labelled", "immature", "unobserved", "quarantined", "duplicate")
    columns = (("day", "text"), *((heading, "count") for heading in headings))
    return Table("days", "Impressions by day", columns, rows)


def _quarantine(report: Report) -> Table:
    by_table = report.accounting.tables if report.accounting else {}
    rows: Sequence[tuple[Cell, ...]] = [
        (table, reason, number, count.rows)
        for table, count in by_table.items()
        for reason, number in {**count.quarantined, "duplicate": count.duplicate}.items()
        if number
    ]
    columns = (("table", "text"), ("reason", "text"), ("rows", "count"), ("of", "count"))
    return Table("quarantine", "Rows that were not used, by reason", columns, tuple(rows))


def _anomalies(report: Report) -> Table:
    rows = tuple((anomaly.check, anomaly.feature, anomaly.description) for anomaly in report.anomalies)
    columns = (("check", "text"), ("feature", "text"), ("what is unusual", "text"))
    return Table("anomalies", "Anomalies and drift", columns, rows)


def _trend(report: Report) -> Table:
    rows = tuple(
        (
            *(trend.name, row.label, slice_words(row.keys), row.ours, row.theirs),
            *(row.relative, row.relative_low, row.relative_high),
        )
        for trend in report.trend
        for row in trend.rows
        if row.measure == AP and row.ours is not None
    )
    columns = (
        *(("earlier run", "text"), ("label", "text"), ("source", "text"), ("AP of this run", "number")),
        *(("AP of the earlier run", "number"), ("change", "change"), ("low", "change"), ("high", "change")),
    )
    return Table("trend", "This run's model beside earlier ones, on the test rows that both have", columns, rows)


def _splits(report: Report) -> Table:
    sources = list(dict.fromkeys(source for *_, rows in report.splits for source in rows))
    rows = tuple((name, *days, *(counts.get(source) for source in sources)) for name, *days, counts in report.splits)
    headings = ("split", "first day", "last day")
    columns = (*((heading, "text") for heading in headings), *((source, "count") for source in sources))
    return Table("splits", "Labelled impressions of each split", columns, rows)


def _lineage(report: Report) -> Table:
    return Table("lineage", "What the run was made from", (("what", "text"), ("where", "text")), report.lineage)
