"""The page of `coldcast compare`: one HTML file that needs no network, like that of a run."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from components.evaluation.paired.row import PairedRow
from components.report.changes import change_of
from components.report.data import Comparison, Guarded
from components.report.page.render import render_comparison
from components.report.verdict import differences
from files.atomic import write_file
from pipeline.comparison.guards import WORSE, Guard, verdict
from pipeline.comparison.rows import Compared


def write_page(
    path: Path, title: str, compared: Sequence[Compared], guarded: Sequence[Mapping[Guard, PairedRow]]
) -> None:
    """Writes the page, over what was there.

    Args:
        path: the HTML file.
        title: of the page.
        compared: each model beside the reference.
        guarded: the guards of each model, and their rows.
    """
    changes = tuple(change_of(item.model, item.reference, item.rows) for item in compared)
    guards = tuple(
        Guarded(item.model, guard.name, verdict(row), row)
        for item, rows in zip(compared, guarded, strict=True)
        for guard, row in rows.items()
    )
    worse = [f"Worse: {guard.guard} of {guard.model}." for guard in guards if guard.verdict == WORSE]
    if guards and not worse:
        worse = ["No guard is worse."]
    write_file(str(path), render_comparison(Comparison(title, (*worse, *differences(changes)), changes, guards)))
