"""Every chart of the report. To add a chart, add its function here and its place to the template."""

from components.report.data import RunReport
from components.report.page.charts.differences import changes_charts, trend_charts
from components.report.page.charts.parts import Chart
from components.report.page.charts.probabilities import (
    calibration_charts,
    reliability_charts,
    scores_charts,
    tiers_charts,
)
from components.report.page.charts.ranking import precision_charts
from components.report.page.charts.rows import days_charts, drift_charts, quarantine_charts
from components.report.page.charts.training import loss_charts, training_charts

_CHARTS = (
    changes_charts,
    calibration_charts,
    reliability_charts,
    tiers_charts,
    precision_charts,
    scores_charts,
    training_charts,
    loss_charts,
    trend_charts,
    days_charts,
    quarantine_charts,
    drift_charts,
)


def charts(report: RunReport) -> list[Chart]:
    """Every chart of the report that has rows."""
    return [chart for make in _CHARTS for chart in make(report) if chart.rows]
