"""The page of `coldcast compare`: one HTML file that needs no network, like that of a run."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from components.report.changes import change_of
from components.report.data import Comparison, Guarded
from components.report.page.render import render_comparison
from components.report.verdict import difference_sentences
from files.atomic import write_file
from pipeline.comparison.guards import NOT_JUDGED, WORSE, GuardRows, verdict
from pipeline.comparison.rows import SAME, Compared


def write_page(path: Path, title: str, compared: Sequence[Compared], guarded: Sequence[GuardRows]) -> None:
    """Writes the page, and replaces an earlier one.

    Args:
        path: the HTML file.
        title: of the page.
        compared: each model beside the reference.
        guarded: the guards of each model.
    """
    changes = tuple(change_of(item.model, item.reference, item.rows) for item in compared)
    guards = tuple(
        Guarded(item.model, guard.name, verdict(row), row)
        for item, of_model in zip(compared, guarded, strict=True)
        for guard, row in of_model.rows.items()
    )
    missing = [
        f"Not judged: {guard.name} of {item.model}: {reason}."
        for item, of_model in zip(compared, guarded, strict=True)
        for guard, reason in of_model.missing.items()
    ]
    same = [f"{item.model} and {item.reference}: {SAME}." for item in compared if item.same]
    sentences = (*same, *_outcome(guards, len(missing)), *missing, *difference_sentences(changes))
    write_file(str(path), render_comparison(Comparison(title, sentences, changes, guards)))


def _outcome(guards: Sequence[Guarded], missing: int) -> Iterator[str]:
    """The guards that are worse, or else how many could be judged; `missing` is the number of those without a row."""
    if worse := [guard for guard in guards if guard.verdict == WORSE]:
        yield from (f"Worse: {guard.guard} of {guard.model}." for guard in worse)
        return
    every = len(guards) + missing
    judged = sum(guard.verdict != NOT_JUDGED for guard in guards)
    if every and not judged:
        yield "No guard could be judged."
    elif every:
        few = f" ({judged} of {every} could be judged)" if judged < every else ""
        yield f"No guard is worse{few}."
