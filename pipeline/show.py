"""Tables on the screen: accounting, runs and their stages."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.runs import Run

if TYPE_CHECKING:
    from components.ingestion.check import Report


def show_accounting(console: Console, accounting: Mapping[str, Mapping[str, int]]) -> None:
    """Where every row of the logs went."""
    for name, counts in accounting.items():
        table = Table(title=f"{name}: where every row went", title_justify="left")
        for outcome in counts:
            table.add_column(outcome, justify="right")
        table.add_row(*(f"{count:,}" for count in counts.values()))
        console.print(table)


def show_runs(console: Console, runs: list[Run]) -> None:
    """One line a run, the newest last."""
    table = Table()
    for column in ("run", "started (UTC)", "state", "stages run", "cached", "seconds in stages"):
        table.add_column(column)
    for run in runs:
        states = [stage.state for stage in run.stages]
        ran = sum(stage.seconds for stage in run.stages if stage.state != "cached")
        counts = (str(len(states) - states.count("cached")), str(states.count("cached")), f"{ran:.0f}")
        table.add_row(run.id, f"{run.started:%Y-%m-%d %H:%M:%S}", run.state, *counts)
    console.print(table)


def show_stages(console: Console, run: Run) -> None:
    """One line a stage, with where its results lie."""
    table = Table(title=f"run {run.id}: {run.state}", title_justify="left")
    table.add_column("stage")
    table.add_column("state")
    table.add_column("seconds", justify="right")
    table.add_column("outputs", overflow="fold")
    for stage in run.stages:
        outputs = "\n".join(output.uri for found in stage.outputs.values() for output in found)
        table.add_row(stage.node, stage.state, f"{stage.seconds:.1f}", outputs)
    console.print(table)


def show_log_report(console: Console, report: "Report") -> None:
    """What `check-logs` found: the tables, rows that would be quarantined, then warnings, then problems."""
    table = Table(title=escape(report.logs), title_justify="left")
    table.add_column("table")
    for column in ("days", "first", "last", "files", "rows", "to quarantine"):
        table.add_column(column, justify="right")
    for found in report.tables:
        reasons = report.quarantined.get(found.name, {})
        bad = ", ".join(f"{count:,} {reason}" for reason, count in reasons.items()) or "0"
        days = (str(found.days), found.first or "", found.last or "")
        table.add_row(found.name, *days, str(found.files), f"{found.rows:,}", bad)
    console.print(table)
    for warning in report.warnings:
        console.print(f"[yellow]warning:[/] {escape(warning)}", highlight=False, soft_wrap=True)
    for problem in report.problems:
        console.print(f"[red]problem:[/] {escape(problem)}", highlight=False, soft_wrap=True)
    if not report.problems:
        console.print("[green]These logs can be ingested.[/]")
