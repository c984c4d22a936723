"""`SourceGate` on an accounting of four days with both sources."""

from pathlib import Path

import pytest
from tfx.types import standard_artifacts

from components.gates.source_gate import SourceGate
from components.ingestion.outputs.artifacts import AccountingArtifact
from components.split.config import SplitConfig
from components.split.days import SplitError
from tests.components.labelled_days import LabelledDays


def _pass(folder: Path, **properties: object) -> None:
    examples, accounting = standard_artifacts.Examples(), AccountingArtifact()
    examples.uri, accounting.uri = str(folder / "days"), str(folder / "accounting")
    made = {"examples": [examples], "accounting": [accounting]}
    LabelledDays.EXECUTOR_SPEC.executor_class().Do({}, made, {"rows": 400, "days": 4})
    split = SplitConfig(validation_days=1, test_days=1, gap_days=0)
    given = {**split.parameters(), "code_hash": "0123", **properties}
    SourceGate.EXECUTOR_SPEC.executor_class().Do({"accounting": [accounting]}, {}, given)


def test_a_run_goes_on_if_each_split_has_every_source(tmp_path: Path):
    _pass(tmp_path, sources='["promotion", "ad"]')


def test_a_run_stops_if_a_split_lacks_a_source(tmp_path: Path):
    with pytest.raises(SplitError, match=r"Split train .* has none of source 'email'"):
        _pass(tmp_path, sources='["promotion", "email"]')
