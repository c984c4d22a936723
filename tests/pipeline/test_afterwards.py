"""An error after a good run is one warning that names its log once."""

import io
import json
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest
from rich.console import Console

from components.evaluation.errors import EvaluationError
from pipeline.afterwards import outcome_of, show_results, write_papers
from pipeline.configuration.config import Config
from pipeline.errors import ConfigError, RunsError
from pipeline.execute import run_all
from pipeline.metadata.records import Node, Output, Run, RunNotes

_JUDGED = Node("Evaluator.joint", "complete", 1.0, {"evaluation": (Output("e", {}),)})
_RUN = Run("r1", datetime(2026, 1, 1, tzinfo=timezone.utc), (_JUDGED,), ended=True, notes=RunNotes(log="a.log"))


@pytest.mark.parametrize(
    ("run", "error", "reason"),
    [
        (_RUN, KeyError("slot"), "KeyError, a bug: its traceback is in a.log"),
        (
            replace(_RUN, notes=RunNotes()),
            KeyError("slot"),
            "KeyError, a bug: its traceback is in the log of the libraries",
        ),
        (_RUN, RunsError("the scores are gone; run again"), "the scores are gone; run again"),
    ],
)
def test_a_report_that_was_not_written_is_one_warning(
    monkeypatch: pytest.MonkeyPatch, run: Run, error: Exception, reason: str
):
    def raises(*_args):
        raise error

    monkeypatch.setattr("pipeline.report.write.write_report", raises)
    screen = io.StringIO()
    write_papers(Config(), Console(file=screen, width=200), run)
    assert screen.getvalue() == f"warning: the report was not written: {reason}\n"


def test_results_that_cannot_be_read_do_not_hide_the_outcome(monkeypatch: pytest.MonkeyPatch):
    def raises(*_args):
        raise EvaluationError("e has no metrics; run again")

    monkeypatch.setattr("pipeline.outcome.document.changes_by_source", raises)
    monkeypatch.setattr("pipeline.terminal.summary.load", raises)
    screen = io.StringIO()
    console = Console(file=screen, width=200)
    show_results(Config(), console, _RUN)
    outcome = outcome_of(Config(), console, _RUN)
    assert screen.getvalue() == (
        "warning: the summary was not printed: e has no metrics; run again\n"
        "warning: the outcome for --json and hooks has no figures: e has no metrics; run again\n"
    )
    assert (outcome["outcome"], outcome["branches"]) == ("not_blessed", [{"name": "joint", "blessed": False}])


def test_the_first_error_of_a_run_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """After it, the store may be unreadable, too."""

    def raises(*_args):
        raise RuntimeError("database disk image is malformed")

    monkeypatch.setattr("pipeline.execute.find_run", raises)
    config = Config(root=str(tmp_path), logs=str(tmp_path / "none"))
    outcome = tmp_path / "outcome.json"
    with pytest.raises(ConfigError, match="there are no logs in"):
        run_all(
            config, Console(file=io.StringIO()), sample=False, simulate=False, typed=("c.yaml", []), json_file=outcome
        )
    assert json.loads(outcome.read_text())["error"].startswith("there are no logs in")
