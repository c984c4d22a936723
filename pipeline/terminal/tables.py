"""Tables on the screen: accounting, runs and their stages."""

import posixpath
import textwrap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from pipeline.metadata.records import Run
from pipeline.terminal.screen import say

if TYPE_CHECKING:
    from pipeline.check_logs import Report

NARROW = 110
"""Tables of APs with their intervals fit a screen of so many columns."""

_TO_SECONDS = len("2026-01-01T00:00:00")  # TFX's local runner names a run by its start, with microseconds


def compact_table() -> Table:
    """A table without lines between its columns, for what hardly fits 80 of them."""
    return Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)


def add_row(table: Table, *cells: str) -> None:
    """Adds a row of plain text: the brackets of ids, names and paths are no markup."""
    table.add_row(*map(Text, cells))


def show_table(console: Console, title: str, table: Table) -> None:
    """Prints `title` as it is, then `table`: a table's own title is broken to its width and filled up with spaces."""
    console.print(title, style="table.title", highlight=False, soft_wrap=True, markup=False)
    console.print(table)


def show_accounting(console: Console, accounting: Mapping[str, Mapping[str, int]]) -> None:
    """Where every row of the logs went."""
    for name, counts in accounting.items():
        table = Table()
        table.add_column("outcome", overflow="fold")
        table.add_column("rows", justify="right", no_wrap=True)
        for outcome, count in counts.items():
            add_row(table, outcome, f"{count:,}")
        show_table(console, f"{name}: where every row went", table)


def show_runs(console: Console, runs: list[Run]) -> None:
    """The runs, the newest last: their ids tell when they started, cut to the seconds where that names one run."""
    table = compact_table()
    for column in ("run", "state"):
        table.add_column(column, no_wrap=True, overflow="fold")
    for column in ("run +\ncached", "seconds"):
        table.add_column(column, justify="right", no_wrap=True, overflow="fold")
    table.add_column("blessed", overflow="fold")
    table.add_column("published", no_wrap=True, overflow="fold")
    folders = {posixpath.basename(posixpath.dirname(run.version)) for run in runs if run.published}
    for run in runs:
        cut = run.id[:_TO_SECONDS]
        short = cut if sum(other.id.startswith(cut) for other in runs) == 1 else run.id
        ran = [stage.seconds for stage in run.nodes if stage.state != "cached"]
        stages = (f"{len(ran)}+{len(run.nodes) - len(ran)}", f"{sum(ran):.0f}")
        add_row(table, short, run.state, *stages, "\n".join(_blessed(run)), _published(run, folders=len(folders) > 1))
    console.print(table)


def _blessed(run: Run) -> list[str]:
    """The recipes whose models the run's evaluators blessed."""
    return [
        stage.id.removeprefix("Evaluator.")
        for stage in run.nodes
        if stage.id.startswith("Evaluator.")
        and any(output.properties.get("blessed") == 1 for output in stage.outputs.get("blessing", ()))
    ]


def _published(run: Run, *, folders: bool) -> str:
    """The version that the run published, with its folder's name if asked for; `trial` where it was to publish none."""
    if run.published:
        return "/".join(run.version.split("/")[-2 if folders else -1 :])
    return "trial" if run.trial else ""


def show_stages(console: Console, run: Run) -> None:
    """One line a stage, then where the results of all lie, in lines that can be copied."""
    table = compact_table()
    table.add_column("stage", no_wrap=True, overflow="fold")
    table.add_column("state", no_wrap=True, overflow="fold")
    table.add_column("seconds", justify="right", no_wrap=True, overflow="fold")
    for stage in run.nodes:
        add_row(table, stage.id, stage.state, f"{stage.seconds:.1f}")
    show_table(console, f"run {run.id}: {run.state}", table)
    said = {"started by": run.notes.command, "stopped by": run.notes.error, "log of the libraries": run.notes.log}
    for what, value in said.items():
        if value:
            say(console, f"{what}: {value}")
    say(console, "results")
    for stage in run.nodes:
        for output in (one for found in stage.outputs.values() for one in found):
            say(console, f"  {output.uri}")


def show_times(console: Console, run: Run) -> None:
    """The seconds of each stage that took one or more, the longest first, in a line or two."""
    ran = sorted((one for one in run.nodes if one.state != "cached"), key=lambda one: -one.seconds)
    parts = [f"{one.id} {one.seconds:.0f}" for one in ran if one.seconds >= 1]
    short, cached = sum(one.seconds < 1 for one in ran), len(run.nodes) - len(ran)
    parts += [f"{short} below a second"] if short else []
    parts += [f"{cached} cached"] if cached else []
    line = f"seconds by stage, {sum(one.seconds for one in ran):.0f} in all: {', '.join(parts)}"
    for wrapped in textwrap.wrap(line, console.width, break_long_words=False, break_on_hyphens=False):
        say(console, wrapped)


def show_warnings(console: Console, warnings: Iterable[str]) -> None:
    """What is likely unwanted and stops nothing, a line each."""
    for warning in warnings:
        console.print(f"[yellow]warning:[/] {escape(warning)}", highlight=False, soft_wrap=True)


def show_log_report(console: Console, report: "Report") -> None:
    """What `check-logs` found: the tables, rows that would be quarantined, then warnings, then problems."""
    table = Table()
    table.add_column("table", no_wrap=True, overflow="fold")
    for column in ("days", "first\nlast", "files", "rows"):
        table.add_column(column, justify="right", no_wrap=True, overflow="fold")
    table.add_column("to quarantine", justify="right", overflow="fold")
    for found in report.tables:
        reasons = report.quarantined.get(found.name)
        bad = "\n".join(f"{count:,} {reason}" for reason, count in (reasons or {}).items()) or "0"
        bad = "not checked" if reasons is None else bad
        span = "\n".join(day for day in (found.first, found.last) if day)  # beside each other they are too wide
        add_row(table, found.name, str(found.days or ""), span, str(found.files), f"{found.rows:,}", bad)
    show_table(console, report.logs, table)
    show_warnings(console, report.warnings)
    for problem in report.problems:
        console.print(f"[red]problem:[/] {escape(problem)}", highlight=False, soft_wrap=True)
    if not report.problems:
        console.print("[green]These logs can be ingested.[/]")
