"""Tables of runs and of their nodes."""

import posixpath
import textwrap
from typing import TYPE_CHECKING

from rich.console import Console

from pipeline.metadata.records import Run
from pipeline.terminal.fitting import TableColumn, show_columns
from pipeline.terminal.screen import say

if TYPE_CHECKING:
    from pipeline.cleaning import Removed

_TO_SECONDS = len("2026-01-01T00:00:00")  # TFX's local runner names a run by its start, with microseconds


def show_runs(console: Console, runs: list[Run]) -> None:
    """The runs, the newest last. An id is cut to the seconds of the run's start if that tells runs apart."""
    folders = {posixpath.basename(posixpath.dirname(run.version)) for run in runs if run.published}
    ids = [run.id for run in runs]
    durations = [[node.seconds for node in run.nodes if node.state != "cached"] for run in runs]
    show_columns(
        console,
        [
            TableColumn("run", [_short_id(run.id, ids) for run in runs]),
            TableColumn("state", [run.state for run in runs]),
            TableColumn(
                "run + cached",
                [
                    f"{len(seconds)}+{len(run.nodes) - len(seconds)}"
                    for run, seconds in zip(runs, durations, strict=True)
                ],
                right=True,
                rank=4,
            ),
            TableColumn("seconds", [f"{sum(seconds):.0f}" for seconds in durations], right=True, rank=3),
            TableColumn("blessed", ["\n".join(run.blessed) for run in runs], rank=2),
            TableColumn("published", [_published(run, folder=len(folders) > 1) for run in runs], rank=1),
        ],
    )


def show_nodes(console: Console, run: Run) -> None:
    """The nodes of a run with their states and seconds, the runner's notes, and the places of all results."""
    show_columns(
        console,
        [
            TableColumn("node", [node.id for node in run.nodes]),
            TableColumn("state", [node.state for node in run.nodes]),
            TableColumn("seconds", [f"{node.seconds:.1f}" for node in run.nodes], right=True, rank=1),
        ],
        title=f"run {run.id}: {run.state}",
    )
    notes = {"started by": run.notes.command, "stopped by": run.notes.error, "log of the libraries": run.notes.log}
    for name, note in notes.items():
        if note:
            say(console, f"{name}: {note}")
    say(console, "results")
    for node in run.nodes:
        for outputs in node.outputs.values():
            for output in outputs:
                say(console, f"  {output.uri}{' (removed)' if output.removed else ''}")


def show_removed(console: Console, removed: "Removed", *, dry_run: bool) -> None:
    """Numbers of things that a clean-up removed, or would remove: a line for each kind, and the space."""
    words = "would be removed" if dry_run else "removed"
    freed = f"{removed.freed / 2**20:,.1f} MiB"
    if not (removed.artifacts or removed.results or removed.files or removed.freed):
        say(console, "nothing to remove")
        return
    say(console, f"{words}: {freed} that only older runs need ({removed.runs} so far)")
    for node, count in sorted(removed.artifacts.items()):
        say(console, f"  {node or 'starts'}: {count} artifacts")
    say(console, f"  kept by ingestion: {removed.results} results")
    say(console, f"  messages and left-overs: {removed.files} files or folders")


def show_times(console: Console, run: Run) -> None:
    """The seconds of each node that took one or more, the longest first, in a line or two."""
    executed = sorted((node for node in run.nodes if node.state != "cached"), key=lambda node: -node.seconds)
    parts = [f"{node.id} {node.seconds:.0f}" for node in executed if node.seconds >= 1]
    short, cached = sum(node.seconds < 1 for node in executed), len(run.nodes) - len(executed)
    parts += [f"{short} below a second"] if short else []
    parts += [f"{cached} cached"] if cached else []
    text = f"seconds by node, {sum(node.seconds for node in executed):.0f} in all: {', '.join(parts)}"
    for line in textwrap.wrap(text, console.width, break_long_words=False, break_on_hyphens=False):
        say(console, line)


def _short_id(run_id: str, ids: list[str]) -> str:
    cut = run_id[:_TO_SECONDS]
    return cut if sum(other.startswith(cut) for other in ids) == 1 else run_id


def _published(run: Run, *, folder: bool) -> str:
    """The version that the run published, with its folder's name if `folder`; `trial` if it may publish nothing."""
    if run.published:
        return "/".join(run.version.split("/")[-2 if folder else -1 :])
    return "trial" if run.trial else ""
