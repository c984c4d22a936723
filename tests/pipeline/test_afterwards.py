"""An error after a good run is one warning that names its log once."""

import io
from dataclasses import replace
from datetime import datetime, timezone

import pytest
from rich.console import Console

from pipeline.afterwards import write_papers
from pipeline.configuration.config import Config
from pipeline.errors import RunsError
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
