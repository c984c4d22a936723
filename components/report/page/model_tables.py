"""The tables about models: their figures, differences, curves, and training."""

from components.evaluation.paired.measures import AP
from components.evaluation.paired.row import PairedRow
from components.report.data import Comparison, RunReport
from components.report.page.table import ReportTable
from components.report.page.words import MEASURES, head_words, slice_words

_CURVE = (("model", "text"), ("label", "text"), ("head", "text"), ("source", "text"))
_POINT = (
    *(("mean prediction", "number"), ("observed", "number"), ("low", "number"), ("high", "number")),
    *(("positives", "count"), ("examples", "count")),
)


def figures(report: RunReport) -> ReportTable:
    """Every head and slice with rows. Without positives there is no AP, and the row is marked."""
    figures = [(branch, figure) for branch in report.branches for figure in branch.figures if figure.examples]
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
    return ReportTable("figures", "AP and calibration of each model, head, and slice", columns, rows, few)


def changes(report: RunReport | Comparison) -> ReportTable:
    """Every label, slice, and measure of two models that both have."""
    compared = [(change, row) for change in report.changes for row in change.rows if row.ours is not None or row.broken]
    rows = tuple(
        (
            *(change.model, change.other, row.label, head_words(row.heads), MEASURES[row.measure]),
            *(slice_words(row.keys), row.ours, row.theirs, row.relative, row.relative_low, row.relative_high),
            *(row.q, row.positives, _reading(row)),
        )
        for change, row in compared
    )
    columns = (
        *(("model", "text"), ("beside", "text"), ("label", "text"), ("head", "text"), ("measure", "text")),
        ("slice", "text"),
        *(("this", "number"), ("other", "number"), ("change", "change"), ("low", "change"), ("high", "change")),
        *(("q", "number"), ("positives", "count"), ("reading", "text")),
    )
    few = tuple(not row.judged for _, row in compared)
    return ReportTable("changes", "Each difference of two models on the same test rows", columns, rows, few)


def guards(comparison: Comparison) -> ReportTable:
    """A row for each guard of each model."""
    rows = tuple(
        (
            *(guarded.model, guarded.guard, guarded.verdict),
            *(guarded.row.relative, guarded.row.relative_low, guarded.row.relative_high, guarded.row.positives),
        )
        for guarded in comparison.guards
    )
    columns = (
        *(("model", "text"), ("guard", "text"), ("result", "text")),
        *(("change", "change"), ("low", "change"), ("high", "change"), ("positives", "count")),
    )
    few = tuple(not guarded.row.judged for guarded in comparison.guards)
    return ReportTable("guards", "The guards", columns, rows, few)


def reliability(report: RunReport) -> ReportTable:
    """A row for each point; those of curves with too few positives are marked."""
    points = [
        (branch, curves, point)
        for branch in report.branches
        for curves in branch.curves
        for point in curves.reliability
    ]
    rows = tuple(
        (
            *(branch.name, curves.label, curves.head, curves.source),
            *(point.predicted, point.observed, point.low, point.high, point.positives, point.examples),
        )
        for branch, curves, point in points
    )
    few = tuple(not branch.judges(curves) for branch, curves, _ in points)
    return ReportTable("reliability", "The points of the reliability curves", (*_CURVE, *_POINT), rows, few)


def reliability_by_tiers(report: RunReport) -> ReportTable:
    """A row for each point of the curves by stream tiers."""
    points = [
        (branch, curves, of_tiers, point)
        for branch in report.branches
        for curves in branch.curves
        for of_tiers in curves.by_tiers
        for point in of_tiers.reliability
    ]
    rows = tuple(
        (
            *(branch.name, curves.label, curves.head, curves.source, of_tiers.tiers),
            *(point.predicted, point.observed, point.low, point.high, point.positives, point.examples),
        )
        for branch, curves, of_tiers, point in points
    )
    columns = (*_CURVE, ("tiers", "text"), *_POINT)
    few = tuple(not of_tiers.judged for _, _, of_tiers, _ in points)
    return ReportTable(
        "reliability_by_tiers", "The points of the reliability curves by stream tiers", columns, rows, few
    )


def precision(report: RunReport) -> ReportTable:
    """A row for each point; those of curves with too few positives are marked."""
    points = [
        (branch, curves, point) for branch in report.branches for curves in branch.curves for point in curves.precision
    ]
    rows = tuple((branch.name, curves.label, curves.head, curves.source, *point) for branch, curves, point in points)
    few = tuple(not branch.judges(curves) for branch, curves, _ in points)
    columns = (*_CURVE, ("recall", "share"), ("precision", "share"))
    return ReportTable("precision", "The points of the precision-recall curves", columns, rows, few)


def scores(report: RunReport) -> ReportTable:
    """A row for each bar of the histograms."""
    rows = tuple(
        (branch.name, curves.label, curves.head, curves.source, *point)
        for branch in report.branches
        for curves in branch.curves
        for point in curves.histogram
    )
    columns = (*_CURVE, ("prediction", "number"), ("without the outcome", "share"), ("with the outcome", "share"))
    return ReportTable("scores", "The shares of rows with about the same prediction", columns, rows)


def training(report: RunReport) -> ReportTable:
    """AP and loss of each epoch, head, and kind of rows."""
    rows = tuple(
        (
            *(branch.name, epoch.label, epoch.head, epoch.number, epoch.rows, epoch.ap, epoch.loss),
            "kept" if epoch.chosen else "",
        )
        for branch in report.branches
        for epoch in branch.epochs
    )
    columns = (
        *(("model", "text"), ("label", "text"), ("head", "text"), ("epoch", "count"), ("rows", "text")),
        *(("AP", "number"), ("loss", "number"), ("weights", "text")),
    )
    return ReportTable("training", "AP and loss of each epoch", columns, rows)


def trend(report: RunReport) -> ReportTable:
    """The difference from each earlier model, by label and source."""
    compared = [
        (trend, row) for trend in report.trend for row in trend.rows if row.measure == AP and row.ours is not None
    ]
    rows = tuple(
        (
            *(trend.name, row.label, head_words(row.heads), slice_words(row.keys), row.ours, row.theirs),
            *(row.relative, row.relative_low, row.relative_high, row.positives, _reading(row)),
        )
        for trend, row in compared
    )
    columns = (
        *(("earlier run", "text"), ("label", "text"), ("head", "text"), ("source", "text")),
        *(("AP of this run", "number"), ("AP of the earlier run", "number"), ("change", "change")),
        *(("low", "change"), ("high", "change"), ("positives", "count"), ("reading", "text")),
    )
    caption = (
        f"{report.followed or 'The model'} of this run beside that of earlier ones, on the test rows that both have"
    )
    return ReportTable("trend", caption, columns, rows, tuple(not row.judged for _, row in compared))


def _reading(row: PairedRow) -> str:
    if row.broken:
        return "a score is not a number"
    return "interval excludes 0" if row.excludes_zero else "may be chance" if row.judged else "too few positives"
