import pytest

from benchmarks.others.errors import OthersError
from benchmarks.others.libraries.job import Job
from benchmarks.others.training import train
from tests.benchmarks.others.jobs import small_job


@pytest.fixture
def python(tmp_path):
    """A program in place of a library's Python: it writes its arguments and behaves as the script says."""

    def make(script: str):
        path = tmp_path / "python"
        path.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/arguments\n{script}\n')
        path.chmod(0o755)
        return path

    return make


def test_each_epoch_is_reported_and_the_library_gets_the_files(tmp_path, python):
    epochs = []
    program = python('echo "{}"; echo a message; echo "{}"; exit 3')
    with pytest.raises(OthersError):  # it ends before it has results
        train(
            program, "fuxictr", small_job(), tmp_path / "rows", tmp_path, tmp_path / "clone", lambda: epochs.append(1)
        )
    assert len(epochs) == 2
    assert (tmp_path / "arguments").read_text().split() == [
        "-m",
        "libraries.train_fuxictr",
        *(
            str(tmp_path / name)
            for name in ("job.json", "rows/train.parquet", "rows/validation.parquet", "rows/test.parquet")
        ),
        str(tmp_path),
        str(tmp_path / "clone"),
    ]
    assert Job.load(tmp_path / "job.json") == small_job()


def test_a_failure_names_the_file_with_the_messages(tmp_path, python):
    with pytest.raises(OthersError, match=r"deepctr's mmoe failed; its messages are in .*messages\.log"):
        train(python("echo broken >&2; exit 1"), "deepctr", small_job(), tmp_path, tmp_path, None, lambda: None)
    assert (tmp_path / "messages.log").read_text() == "broken\n"


def test_what_our_own_tensorflow_has_set_does_not_reach_the_library(tmp_path, python, monkeypatch):
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "1")  # TFX sets it, and DeepCTR's TensorFlow then finds no Keras
    monkeypatch.setenv("PYTHONPATH", "/ours")
    program = python(f'echo "$TF_USE_LEGACY_KERAS$PYTHONPATH$CUDA_VISIBLE_DEVICES" > {tmp_path}/variables; exit 1')
    with pytest.raises(OthersError):
        train(program, "deepctr", small_job(), tmp_path, tmp_path, None, lambda: None)
    assert (tmp_path / "variables").read_text() == "-1\n"
