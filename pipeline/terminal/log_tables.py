"""Tables about raw logs: where every row went, and the report of `check-logs`."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from pipeline.terminal.fitting import TableColumn, show_columns
from pipeline.terminal.screen import say, say_sentence, show_warnings

if TYPE_CHECKING:
    from pipeline.check_logs import LogsReport, TierReport


def show_accounting(console: Console, accounting: Mapping[str, Mapping[str, int]]) -> None:
    """Where every row of the logs went, a table for each kind of log."""
    for name, counts in accounting.items():
        columns = [
            TableColumn("outcome", list(counts)),
            TableColumn("rows", [f"{count:,}" for count in counts.values()], right=True),
        ]
        show_columns(console, columns, title=f"{name}: where every row went")


def show_log_report(console: Console, report: "LogsReport") -> None:
    """The report of `check-logs`: tables with the rows that would be quarantined, warnings, problems, and tiers."""
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
    if report.tiers:
        _show_tiers(console, report.tiers)


def _show_tiers(console: Console, tiers: "TierReport") -> None:
    """The stream tiers that would fit the logs, and the lines of YAML that set them."""
    days = f"the impressions of {tiers.first} to {tiers.last}"
    if tiers.proposal is None:
        say_sentence(
            console,
            f"No stream tiers to propose: {days} are of {tiers.shows} shows, which have too few different amounts of "
            "listening in the 30 days before to fill eight tiers.",
        )
        return
    proposal = tiers.proposal
    lowest = [*(f"{hours:,.15g}" for hours in proposal.tiers.boundaries_hours), "0"]
    sources = [name for name in proposal.rows.columns if name not in ("stream_tier", "shows")]
    show_columns(
        console,
        [
            TableColumn("tier", [str(tier) for tier in range(len(lowest))], right=True),
            TableColumn("hours from", lowest, right=True),
            TableColumn("shows", _counts(proposal.rows["shows"]), right=True),
            *(TableColumn(source, _counts(proposal.rows[source]), right=True, rank=1) for source in sources),
        ],
        title=f"stream tiers that would fit {days}",
    )
    say_sentence(
        console,
        "To use them, put these lines into your config. Each tier has about an eighth of these impressions, and shows "
        "with fewer streams than less_streamed_below have about half of them; each source counts alike.",
    )
    say(console, "tiers:")
    say(console, f"  boundaries_hours: [{', '.join(f'{hours:.15g}' for hours in proposal.tiers.boundaries_hours)}]")
    say(console, f"  less_streamed_below: {proposal.tiers.less_streamed_below}")


def _counts(numbers: Iterable[int]) -> list[str]:
    return [f"{number:,}" for number in numbers]


def _to_quarantine(report: "LogsReport", table: str) -> str:
    """A line for each reason with its number of rows."""
    if table not in report.quarantined:
        return "not checked"
    return "\n".join(f"{count:,} {reason}" for reason, count in report.quarantined[table].items()) or "0"
