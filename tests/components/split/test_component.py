"""`TemporalSplit` on Examples with a split a day: the same rows, whole files, standard splits."""

from pathlib import Path

import pyarrow as pa
import pytest
import tensorflow as tf
from tfx.types import artifact_utils, standard_artifacts

from components.ingestion.outputs.artifacts import AccountingArtifact
from components.ingestion.outputs.ids import TRAINED_IDS, distinct_ids, ids_file, read_ids, write_ids
from components.split.artifacts import LOGS, TRAINED_ROWS
from components.split.component import TemporalSplit
from components.split.config import SplitConfig
from components.split.days import SplitError
from tests.components.labelled_days import LabelledDays


def _days(folder: Path, days: int = 4):
    examples, accounting = standard_artifacts.Examples(), AccountingArtifact()
    examples.uri, accounting.uri = str(folder / "days"), str(folder / "accounting")
    _call(LabelledDays, {}, {"examples": [examples], "accounting": [accounting]}, {"rows": 400, "days": days})
    return examples, accounting


def _split(folder: Path, days, accounting, **config: object):
    examples = standard_artifacts.Examples()
    examples.uri = str(folder / "examples")
    properties = SplitConfig.model_validate({"validation_days": 1, "test_days": 1} | config).parameters()
    _call(TemporalSplit, {"days": [days], "accounting": [accounting]}, {"examples": [examples]}, properties)
    return examples


def _call(component, inputs, outputs, properties) -> None:
    """Runs a component's executor with a property that it does not take, as the pipeline does."""
    component.EXECUTOR_SPEC.executor_class().Do(inputs, outputs, properties | {"code_hash": "0123"})


def _rows(examples, split: str) -> list[bytes]:
    files = sorted(str(path) for path in Path(artifact_utils.get_split_uri([examples], split)).iterdir())
    return list(tf.data.TFRecordDataset(files, "GZIP").as_numpy_iterator())


def test_every_row_of_a_day_is_in_the_days_split(tmp_path):
    days, accounting = _days(tmp_path)
    examples = _split(tmp_path, days, accounting)
    assert artifact_utils.decode_split_names(examples.split_names) == ["train", "validation", "test"]
    assert _rows(examples, "train") == _rows(days, "day-2026-01-01") + _rows(days, "day-2026-01-02")
    assert _rows(examples, "validation") == _rows(days, "day-2026-01-03")
    assert _rows(examples, "test") == _rows(days, "day-2026-01-04")


def test_rows_of_the_same_logs_and_training_days_have_one_name(tmp_path):
    days, accounting = _days(tmp_path)

    def rows(name: str, logs: str, **config: object) -> str:
        days.set_string_custom_property(LOGS, logs)
        return _split(tmp_path / name, days, accounting, **config).get_string_custom_property(TRAINED_ROWS)

    assert rows("without", "") == ""
    assert rows("first", "f1") == rows("again", "f1") != ""
    assert rows("logs", "f2") != rows("first_again", "f1") != rows("days", "f1", test_days=2)


def test_the_last_training_days_before_an_earlier_end_are_those_rows_and_no_others(tmp_path):
    days, accounting = _days(tmp_path, days=6)
    examples = _split(tmp_path, days, accounting, train_days=2, end="2026-01-05")
    assert _rows(examples, "train") == _rows(days, "day-2026-01-02") + _rows(days, "day-2026-01-03")
    assert _rows(examples, "validation") == _rows(days, "day-2026-01-04")
    assert _rows(examples, "test") == _rows(days, "day-2026-01-05")


def test_files_are_named_after_their_day(tmp_path):
    days, accounting = _days(tmp_path)
    examples = _split(tmp_path, days, accounting)
    names = sorted(path.name for path in Path(artifact_utils.get_split_uri([examples], "train")).iterdir())
    assert names == ["examples-2026-01-01-00000.tfrecord.gz", "examples-2026-01-02-00000.tfrecord.gz"]


def test_gap_days_are_in_no_split(tmp_path):
    days, accounting = _days(tmp_path, days=6)
    examples = _split(tmp_path, days, accounting, gap_days=1)
    names = {
        split: sorted(path.name for path in Path(artifact_utils.get_split_uri([examples], split)).iterdir())
        for split in ("train", "validation", "test")
    }
    assert names == {
        "train": ["examples-2026-01-01-00000.tfrecord.gz", "examples-2026-01-02-00000.tfrecord.gz"],
        "validation": ["examples-2026-01-04-00000.tfrecord.gz"],
        "test": ["examples-2026-01-06-00000.tfrecord.gz"],
    }


def test_gap_days_that_leave_nothing_to_train_on_are_an_error(tmp_path):
    days, accounting = _days(tmp_path)
    with pytest.raises(SplitError, match="Split train is empty"):
        _split(tmp_path, days, accounting, gap_days=1)


def test_a_day_that_the_examples_lack_is_an_error(tmp_path):
    days, accounting = _days(tmp_path)
    days.split_names = artifact_utils.encode_split_names(["day-2026-01-01", "day-2026-01-03", "day-2026-01-04"])
    with pytest.raises(SplitError, match=r"2026-01-02 but the Examples in .* have no split day-2026-01-02"):
        _split(tmp_path, days, accounting)


def test_the_ids_of_the_training_days_lie_beside_the_splits(tmp_path):
    days, accounting = _days(tmp_path)
    seen = {"2026-01-01": ["a", "b"], "2026-01-02": ["b", "c"], "2026-01-03": ["d"], "2026-01-04": ["e"]}
    for day, shows in seen.items():
        write_ids(
            f"{days.uri}/{ids_file(day)}",
            distinct_ids(pa.table({"show_id": shows, "campaign_id": [None, "x"][: len(shows)]})),
        )
    examples = _split(tmp_path, days, accounting)
    assert read_ids(f"{examples.uri}/{TRAINED_IDS}") == {"show_id": {b"a", b"b", b"c"}, "campaign_id": {b"x"}}


def test_days_without_ids_give_none(tmp_path):
    days, accounting = _days(tmp_path)
    examples = _split(tmp_path, days, accounting)
    assert read_ids(f"{examples.uri}/{TRAINED_IDS}") == {}
