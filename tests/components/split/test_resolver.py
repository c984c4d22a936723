"""Settings that change no split re-run nothing that reads the splits, in runs of TFX."""

import shutil
from pathlib import Path

import pytest
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact
from tfx.dsl.component.experimental.decorators import component
from tfx.types.standard_artifacts import Examples, String

from components.split.component import TemporalSplit
from components.split.config import SplitConfig
from components.split.resolver import first_of_same_rows
from tests.components.labelled_days import LabelledDays
from tests.components.runs import artifacts, run, states

pytestmark = pytest.mark.slow


@component
def Reader(examples: InputArtifact[Examples], read: OutputArtifact[String]) -> None:  # noqa: N802
    """Stands for every node that reads the splits."""
    read.value = examples.uri


def _states(folder: Path, *, code: str = "0123", seed: int = 0, **settings: object) -> dict[str, str]:
    """The states of the split and of its reader after a run over five days, all of them mature."""
    source = LabelledDays(rows=200, days=5, seed=seed)
    config = SplitConfig.model_validate({"validation_days": 1, "test_days": 1} | settings)
    split = TemporalSplit(
        days=source.outputs["examples"], accounting=source.outputs["accounting"], **config.parameters()
    )
    split.exec_properties["code_hash"] = code
    same = first_of_same_rows(split).with_id("Resolver.split")
    run(folder, [source, split, same, Reader(examples=same.outputs["examples"])])
    reached = states(folder)
    return {node: reached[node] for node in ("TemporalSplit", "Reader")}


def test_only_what_changes_a_split_reaches_the_nodes_that_read_it(tmp_path: Path) -> None:
    assert _states(tmp_path) == {"TemporalSplit": "complete", "Reader": "complete"}
    without_effect = {"TemporalSplit": "complete", "Reader": "cached"}
    assert _states(tmp_path, train_days=3) == without_effect, "there are three such days"
    assert _states(tmp_path, train_days=100, end="2026-01-05") == without_effect, "the last mature day"
    assert _states(tmp_path, end="2026-02-01") == without_effect
    assert _states(tmp_path) == {"TemporalSplit": "cached", "Reader": "cached"}
    changed = {"TemporalSplit": "complete", "Reader": "complete"}
    assert _states(tmp_path, train_days=2) == changed
    assert _states(tmp_path, end="2026-01-04") == changed
    assert _states(tmp_path, code="4567") == changed, "other code may write other files"
    assert _states(tmp_path, seed=1) == changed, "the same days of other logs"


def test_splits_whose_folder_is_gone_are_made_again(tmp_path: Path) -> None:
    _states(tmp_path)
    first = next(artifact for artifact in artifacts(tmp_path, "Examples") if "/TemporalSplit/" in artifact.uri)
    shutil.rmtree(first.uri)
    assert _states(tmp_path, train_days=3) == {"TemporalSplit": "complete", "Reader": "complete"}
