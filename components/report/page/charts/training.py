"""How models got better while they were trained."""

from collections.abc import Iterator

import altair as alt

from components.report.data import TRAINING, EpochReading, RunReport
from components.report.page.charts.parts import Chart, Values, base, by_branch, rounded, sources_of, spec_of


def training_charts(report: RunReport) -> Iterator[Chart]:
    """AP on validation by epoch: a chart for each source."""
    for source in sources_of(report):
        title = f"AP on the validation days of {source} by epoch"
        yield _by_epoch(report, f"training-{source}", source, title, source, "ap")


def loss_charts(report: RunReport) -> Iterator[Chart]:
    """Loss by epoch: a chart for the training rows, and one for the validation rows of each source."""
    yield _by_epoch(report, "loss-training", TRAINING, "Loss on the training days by epoch", "training days", "loss")
    for source in sources_of(report):
        title = f"Loss on the validation days of {source} by epoch"
        yield _by_epoch(report, f"loss-{source}", source, title, f"validation days, {source}", "loss")


def _by_epoch(report: RunReport, name: str, rows_of: str, title: str, heading: str, value: str) -> Chart:
    """A line for each model and head; the large point is the epoch that was kept."""
    rows: Values = [
        _row(branch.name, epoch, value)
        for branch in report.branches
        for epoch in branch.epochs
        if epoch.rows == rows_of and getattr(epoch, value) is not None
    ]
    epochs = sorted({row["epoch"] for row in rows})
    unit = "AP on validation" if value == "ap" else "loss (nats)"
    shared = base().encode(
        x=alt.X("epoch:Q", axis=alt.Axis(values=epochs, labelOverlap="greedy", format="d")),
        y=alt.Y(f"{value}:Q", title=unit, scale=alt.Scale(zero=False)),
        color=by_branch(),
        detail="head:N",
        tooltip=["branch:N", "head:N", "epoch:Q", *rounded(value), "chosen:N"],
    )
    kept = shared.transform_filter("datum.chosen").mark_point(size=110, filled=True)
    line = shared.mark_line()
    if rows_of == TRAINING:  # it may have several heads of a label
        line = line.encode(strokeDash=alt.StrokeDash("head:N", legend=alt.Legend(orient="bottom", title=None)))
    return Chart(name, title, spec_of(alt.layer(line, kept).properties(height=220, title=heading)), rows)


def _row(branch: str, epoch: EpochReading, value: str) -> dict[str, object]:
    return {
        "label": epoch.label,
        "head": epoch.head,
        "branch": branch,
        "epoch": epoch.number,
        value: getattr(epoch, value),
        "chosen": epoch.chosen,
    }
