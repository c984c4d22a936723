"""Off-policy estimates on the screen and as CSV."""

from collections.abc import Sequence
from dataclasses import astuple, fields
from pathlib import Path

from rich.console import Console

from experiments.ab.measures.texts import interval_text, share_text
from experiments.ab.off_policy.estimates import CTR, I2S, EstimateRow, Judgement
from experiments.ab.off_policy.support import Support
from files.tables import write_table
from pipeline.terminal.fitting import TableColumn, show_columns
from pipeline.terminal.screen import say, say_sentence

_ALWAYS = "Candidates, bidders, and budgets are those of the logs. A policy that spends otherwise would change them."


def show_judgement(console: Console, judgement: Judgement) -> None:
    """Prints the table of estimates, the size and weights of its sample, and the reasons not to trust it."""
    support = judgement.support
    show_columns(
        console,
        columns_of(judgement.rows),
        apart=True,
        title=f"{judgement.policy}, from the logs of {judgement.logged_by}",
    )
    say_sentence(
        console,
        f"{support.decisions:,} impressions of {support.users:,} users; effective sample {support.effective:,.0f}; "
        f"largest weight {support.largest:,.1f}; without support {support.unsupported:.1%}",
    )
    for warning in support.warnings:
        say_sentence(console, f"! {warning}")


def show_notes(console: Console, judgements: Sequence[Judgement]) -> None:
    """Prints the meaning of the columns, and a caution that holds for every table."""
    rows = [row for judgement in judgements for row in judgement.rows]
    say(console, "change: against the policy of the logs, on the same impressions")
    if any(row.true_change is not None for row in rows):
        say(console, "truth: the same change by the world's own probabilities")
    if any(row.simulated_change is not None for row in rows):
        say(console, "simulated: the change that the policy's own arm had")
    say_sentence(console, _ALWAYS)


def columns_of(rows: Sequence[EstimateRow]) -> list[TableColumn]:
    """The columns of the table of estimates."""
    columns = [
        TableColumn("metric", [row.metric for row in rows]),
        TableColumn("estimator", [row.estimator for row in rows]),
        TableColumn("logged", [_value(row.metric, row.logged) for row in rows], right=True, rank=1),
        TableColumn("estimate", [_value(row.metric, row.estimate) for row in rows], right=True),
        TableColumn("from", [_value(row.metric, row.low) for row in rows], right=True, rank=2),
        TableColumn("to", [_value(row.metric, row.high) for row in rows], right=True, rank=2),
        TableColumn("change", [share_text(row.change) for row in rows], right=True),
        TableColumn("95 % interval", [interval_text(row.change_low, row.change_high) for row in rows], right=True),
    ]
    if any(row.true_change is not None for row in rows):
        columns.append(TableColumn("truth", [share_text(row.true_change) for row in rows], right=True))
    if any(row.simulated_change is not None for row in rows):
        columns.append(TableColumn("simulated", [share_text(row.simulated_change) for row in rows], right=True))
    return columns


def write_estimates(path: Path, judgements: Sequence[Judgement]) -> None:
    """A line for each estimate: the fields of `EstimateRow`, then those of `Support`; a missing value is empty."""
    names = [field.name for of in (EstimateRow, Support) for field in fields(of)]
    lines = (
        [*astuple(row), *astuple(judgement.support), " ".join(judgement.support.warnings)]
        for judgement in judgements
        for row in judgement.rows
    )
    write_table(path, [*names, "warnings"], lines)


def _value(metric: str, value: float | None) -> str:
    if value is None:
        return "none"
    return f"{value:.3%}" if metric in (I2S, CTR) else f"{value:.4g}"
