"""The changes over worlds, and those with shared logs beside those with own logs, on the screen and as CSV."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from rich.console import Console

from experiments.ab.analyze.results import Analysis, ChangeRow
from experiments.ab.measures.texts import interval_text, share_text
from experiments.ab.simulate.expected import Changes
from experiments.ab.simulate.over_worlds import WorldsRow
from files.tables import write_table
from pipeline.terminal.fitting import TableColumn, show_columns
from pipeline.terminal.screen import say_sentence


def show_worlds(console: Console, rows: Sequence[WorldsRow], control: str, worlds: int) -> None:
    """Prints a table for each arm."""
    for arm in dict.fromkeys(row.arm for row in rows):
        own = [row for row in rows if row.arm == arm]
        columns = [
            TableColumn("segment", [row.segment for row in own]),
            TableColumn("metric", [row.metric for row in own]),
            TableColumn("worlds", [str(len(row.changes)) for row in own], right=True, rank=1),
            TableColumn("mean", [share_text(row.change) for row in own], right=True),
            TableColumn("95 % interval", [interval_text(row.low, row.high) for row in own], right=True, rank=2),
            TableColumn("expected", [share_text(row.expected) for row in own], right=True),
            TableColumn(
                "its interval", [interval_text(row.expected_low, row.expected_high) for row in own], right=True
            ),
        ]
        show_columns(console, columns, apart=True, title=f"{arm} against {control}, mean of {worlds} worlds")
    say_sentence(
        console,
        "These intervals are for other worlds and other training, too: each world is one observation (t distribution).",
    )


def write_worlds(path: Path, rows: Sequence[WorldsRow], worlds: Sequence[str]) -> None:
    """A line for each change: the fields of `WorldsRow`, and a column for each world; a missing value is empty."""
    names = [field.name for field in fields(WorldsRow) if field.name != "changes"]
    lines = ([*(getattr(row, name) for name in names), *(row.changes.get(world) for world in worlds)] for row in rows)
    write_table(path, [*names, *worlds], lines)


def show_symbiosis(
    console: Console, shared: tuple[Analysis, Changes], own: tuple[Analysis, Changes], control: str
) -> None:
    """Prints the changes of both kinds of training beside each other; arguments are analysis and truth of each."""
    by_key = {(row.arm, row.segment, row.metric): row for row in own[0].changes}
    for arm in dict.fromkeys(row.arm for row in shared[0].changes):
        rows = [row for row in shared[0].changes if row.arm == arm]
        beside = [by_key[row.arm, row.segment, row.metric] for row in rows]
        columns = [
            TableColumn("segment", [row.segment for row in rows]),
            TableColumn("metric", [f"{row.metric}{'' if row.judged and other.judged else ' *'}"
                                   for row, other in zip(rows, beside, strict=True)]),
            TableColumn("shared logs", [share_text(row.change) for row in rows], right=True),
            TableColumn("95 % interval", [interval_text(row.low, row.high) for row in rows], right=True, rank=1),
            TableColumn("own logs", [share_text(row.change) for row in beside], right=True),
            TableColumn("95 % interval", [interval_text(row.low, row.high) for row in beside], right=True, rank=1),
            TableColumn("expected, shared", [_truth(row, shared[1]) for row in rows], right=True),
            TableColumn("expected, own", [_truth(row, own[1]) for row in beside], right=True),
        ]  # fmt: skip
        show_columns(
            console, columns, apart=True, title=f"Symbiosis bias: {arm} against {control}, by what models learn from"
        )
    say_sentence(
        console,
        "With shared logs, each model also learns from what the others showed. The difference of both is the bias.",
    )


def _truth(row: ChangeRow, expected: Changes) -> str:
    return share_text(expected.get((row.arm, row.segment, row.metric)))
