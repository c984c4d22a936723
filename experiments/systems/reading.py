"""How to read a table of cells, below the table."""

from collections.abc import Iterable

from rich.console import Console

from components.evaluation.paired.correction import tally
from components.evaluation.paired.row import PairedRow
from pipeline.terminal.screen import say, say_sentence


def say_how_to_read(console: Console, rows: Iterable[PairedRow]) -> None:
    """Prints the meaning of the marks, and how many of the rows, corrected for each other, may be chance."""
    counts = tally(list(rows))
    say(console, "\n! the 95 % interval excludes 0   * too few positives to judge")
    say_sentence(
        console,
        f"{counts.excluding} of {counts.judged} judged intervals exclude 0; about {counts.by_chance:.1f} would if "
        f"no two systems differed. {counts.discoveries} have q of at most 0.05: about 1 in 20 of these is chance.",
    )
    say_sentence(console, "Intervals and q count the chance of both the users and, from two seeds on, the seeds.")
