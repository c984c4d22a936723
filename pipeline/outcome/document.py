"""The outcome of a run as a JSON document (docs/operations.md#json)."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from components.evaluation.blessing import blessing
from components.evaluation.comparison import by_source, compare
from components.evaluation.results import load
from components.report.data import LAST_BLESSED, Change
from files.atomic import write_file
from pipeline.configuration.config import Config
from pipeline.metadata.records import Run
from pipeline.outcome.config import BLESSED, FAILED, NOT_BLESSED
from pipeline.outcome.digest import digest
from pipeline.report.results import changes_by_source
from pipeline.runs import judged_branches

FORMAT = 1
"""The document's version. A new field keeps it; a field that goes, or means something else, raises it."""

Document = dict[str, Any]

_FIGURE = ("ap", "low", "high", "positives", "examples", "base_rate", "judged")
_CALIBRATION = ("calibration", "calibration_low", "calibration_high")
_CHANGE = ("label", "measure", "ours", "theirs", "relative", "relative_low", "relative_high", "q", "judged")


def is_blessed(config: Config, run: Run) -> bool:
    """Whether the branch that a run pushes is blessed; if it pushes none, whether all its branches are."""
    pushed = config.pushed_branch
    wanted = [pushed.name] if pushed and pushed.name in run.branches else list(run.branches)
    return bool(wanted) and set(wanted) <= set(run.blessed)


def succeeded(config: Config, run: Run, *, figures: bool = True) -> Document:
    """The document of a run that reached its end; its `outcome` is `blessed` or `not_blessed`.

    Without `figures`, no artifact is read: the branches have their names, and whether they are blessed.
    """
    outcome = BLESSED if is_blessed(config, run) else NOT_BLESSED
    published = {"version": run.version, "new": run.published} if run.version else None
    names = judged_branches(config, run)
    branches = _branches(config, run) if figures else ({"name": name, "blessed": name in run.blessed} for name in names)
    return _document(config, run, outcome, branches=list(branches), published=published)


def failed(config: Config, run: Run | None, error: str, log: str) -> Document:
    """The document of a run that stopped.

    Args:
        config: of the run.
        run: None if it stopped before its first node.
        error: why, in one sentence.
        log: the file with the messages of the libraries.
    """
    return _document(config, run, FAILED, error=error, log=log)


def write(document: Document, path: Path) -> None:
    """Writes the document as one file, whole or not at all."""
    write_file(path, json.dumps(document, indent=2) + "\n")


def _document(config: Config, run: Run | None, outcome: str, **values: Any) -> Document:
    return {
        "format": FORMAT,
        "outcome": outcome,
        "pipeline": config.name,
        "config": digest(config),
        "run": run.id if run else None,
        "state": run.state if run else FAILED,
        "started": _iso(run.started) if run else None,
        "command": run.notes.command if run else None,
        "log": run.notes.log if run else None,
        "error": None,
        "published": None,
        "nodes": [{"id": node.id, "state": node.state, "seconds": round(node.seconds, 3)} for node in run.nodes]
        if run
        else [],
        "branches": [],
    } | values


def _branches(config: Config, run: Run) -> Iterator[Document]:
    """Each judged branch: whether it is blessed, its figures by label and source, and its changes."""
    changes = changes_by_source(config, run)
    for name in judged_branches(config, run):
        (evaluation_uri,) = run.outputs(f"Evaluator.{name}", "evaluation")[:1]
        outcome = [blessing(evaluation_uri, uri) for uri in run.outputs(f"Evaluator.{name}", "blessing")[:1]]
        evaluation = load(evaluation_uri)
        yield {
            "name": name,
            "blessed": name in run.blessed,
            "reasons": [reason for item in outcome for reason in item.reasons],
            "figures": [
                {"label": row.label, "head": row.head, "source": row.source}
                | {key: getattr(row.figure, key) for key in (*_FIGURE, *_CALIBRATION)}
                for row in by_source(compare(evaluation), evaluation.sources)
            ],
            "changes": list(_changes(name, changes)),
        }


def _changes(name: str, changes: Sequence[Change]) -> Iterator[Document]:
    """The differences of the branch `name`."""
    for change in changes:
        if change.model == name:
            against = "last blessed" if change.other == LAST_BLESSED else "first branch"
            for row in change.rows:
                yield (
                    {"against": against, "head": row.heads[0], "source": row.keys["source"]}
                    | {key: value for key, value in asdict(row).items() if key in _CHANGE}
                    | {"excludes_zero": row.excludes_zero}
                )


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
