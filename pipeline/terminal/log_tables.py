"""Tables about raw logs: where every row went, and the report of `check-logs`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from pipeline.terminal.fitting import TableColumn, show_columns
from pipeline.terminal.screen import show_warnings

if TYPE_CHECKING:
    from pipeline.check_logs import Report


def show_accounting(console: Console, accounting: Mapping[str, Mapping[str, int]]) -> None:
    """Where every row of the logs went, a table for each kind of log."""
    for name, counts in accounting.items():
        columns = [
            TableColumn("outcome", list(counts)),
            TableColumn("rows", [f"{count:,}" for count in counts.values()], right=True),
        ]
        show_columns(console, columns, title=f"{name}: where every row went")


def show_log_report(console: Console, report: "Report") -> None:
    """The report of `check-logs`: the tables with the rows that would be quarantined, then warnings, then problems."""
    tables = report.tables
    show_columns(
        console,
        [
            TableColumn("table", [table.name for table in tables]),
            TableColumn("days", [str(table.days or "") for table in tables], right=True, rank=2),
            TableColumn(
                "first last",
                ["\n".join(day for day in (table.first, table.last) if day) for table in tables],
                right=True,
                rank=3,
            ),
            TableColumn("files", [str(table.files) for table in tables], right=True, rank=4),
            TableColumn("rows", [f"{table.rows:,}" for table in tables], right=True, rank=1),
            TableColumn("to quarantine", [_to_quarantine(report, table.name) for table in tables], right=True),
        ],
        title=report.logs,
    )
    show_warnings(console, report.warnings)
    for problem in report.problems:
        console.print(f"[red]problem:[/] {escape(problem)}", highlight=False, soft_wrap=True)
    if not report.problems:
        console.print("[green]These logs can be ingested.[/]")


def _to_quarantine(report: "Report", table: str) -> str:
    """A line for each reason with its number of rows."""
    if table not in report.quarantined:
        return "not checked"
    return "\n".join(f"{count:,} {reason}" for reason, count in report.quarantined[table].items()) or "0"
