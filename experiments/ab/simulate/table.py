"""The changes of a simulated test beside the truth and the published figures, on the screen and as CSV."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from rich.console import Console

from experiments.ab.analyze.results import Analysis, ChangeRow
from experiments.ab.analyze.tables import change_columns
from experiments.ab.measures.texts import share_text
from experiments.ab.policies.policy import Policy
from experiments.ab.simulate.expected import Changes
from experiments.ab.simulate.published import CONTROL, PUBLISHED, TREATMENT
from files.tables import write_table
from pipeline.terminal.fitting import TableColumn, show_columns
from pipeline.terminal.screen import say

_SHOWN = ("segment", "metric", "change", "95 % interval", "p (Holm)")


def show_beside_published(console: Console, analysis: Analysis, expected: Changes, policies: Sequence[Policy]) -> None:
    """Prints a table for each treatment."""
    for policy in policies[1:]:
        rows = [row for row in analysis.changes if row.arm == policy.name]
        columns = [column for column in change_columns(rows) if column.heading in _SHOWN]
        truth = [share_text(_truth(row, expected)) for row in rows]
        columns.append(TableColumn("expected", truth, right=True))
        if figures := published_of(rows, policy, policies[0]):
            columns.append(TableColumn("published", figures, right=True))
        show_columns(console, columns, apart=True, title=f"{policy.name} against {policies[0].name}, simulated")
    say(console, "expected: the change of the world's own probabilities, without the chance of outcomes")
    if any(published_of([], policy, policies[0]) is not None for policy in policies[1:]):
        say(console, "published: real users and another model (docs/ab.md); nothing here is computed from it")


def published_of(rows: Sequence[ChangeRow], policy: Policy, control: Policy) -> list[str] | None:
    """The published figure of each row, "" where there is none; None if other policies are compared."""
    if (policy.name, control.name) != (TREATMENT, CONTROL):
        return None
    return [PUBLISHED.get((row.segment, row.metric), "") for row in rows]


def write_table_csv(path: Path, analysis: Analysis, expected: Changes, policies: Sequence[Policy]) -> None:
    """A line for each change: the fields of `ChangeRow`, `expected`, and `published`; a missing value is empty."""
    names = [field.name for field in fields(ChangeRow)]
    lines: list[list[object]] = []
    for policy in policies[1:]:
        rows = [row for row in analysis.changes if row.arm == policy.name]
        figures = published_of(rows, policy, policies[0]) or [""] * len(rows)
        for row, figure in zip(rows, figures, strict=True):
            lines.append([*(getattr(row, name) for name in names), _truth(row, expected), figure])
    write_table(path, [*names, "expected", "published"], lines)


def _truth(row: ChangeRow, expected: Changes) -> float | None:
    return expected.get((row.arm, row.segment, row.metric))
