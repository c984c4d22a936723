"""A run that stops says why, on the screen and in its JSON."""

import json
from pathlib import Path

import pytest

from tests.pipeline.whole_runs import coldcast

pytestmark = pytest.mark.slow


def test_a_run_that_stops_writes_why(tmp_path: Path):
    outcome = tmp_path / "outcome.json"
    outcome.write_text("of an earlier run")
    output = coldcast(
        "run", "--json", str(outcome), "--set", f"root={tmp_path}/r", "--set", "logs=nowhere", check=False
    )
    document = json.loads(outcome.read_text())
    assert document["outcome"] == "failed"
    assert document["run"] is None
    assert document["error"].startswith("there are no logs in nowhere") and document["error"][:40] in output
