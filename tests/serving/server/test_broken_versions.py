"""A version that is broken, half there, or still changing is never served."""

import os
from pathlib import Path

import pytest

from serving.config import ServingConfig
from serving.server.versions.watcher import Watcher
from tests.serving.conftest import AT_ONCE, Publish, states
from tests.serving.toy_models import save_python_function


def test_a_version_that_failed_is_tried_again_only_when_it_changes_or_the_time_has_come(
    model_dir: Path, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def fail(path: str, *_: object) -> None:
        tries.append(path)
        raise RuntimeError("out of memory, say")

    monkeypatch.setattr("serving.server.versions.watcher.load", fail)
    version = publish(1)
    watcher = Watcher(AT_ONCE, str(model_dir))
    for _ in range(3):
        watcher.poll()
    assert len(tries) == 1
    (version / "more").write_text("changed")
    for _ in range(3):
        watcher.poll()
    assert len(tries) == 2
    hasty = Watcher(AT_ONCE.model_copy(update={"retry_seconds": 1e-9}), str(model_dir))
    for _ in range(3):
        hasty.poll()
    assert len(tries) == 5
    assert hasty.states.all()[0].error == "out of memory, say"


def test_the_older_version_is_served_where_the_newest_does_not_load(model_dir: Path, publish: Publish) -> None:
    publish(1)
    save_python_function(model_dir / "2")
    watcher = Watcher(AT_ONCE, str(model_dir))
    watcher.poll()
    assert states(watcher) == {2: "END", 1: "AVAILABLE"}


@pytest.mark.parametrize("order", ["graph first", "graph last"])
def test_a_half_copied_version_is_never_served(model_dir: Path, publish: Publish, toys: Publish, order: str) -> None:
    """Whatever part of the files is there, and however long the copying rests, version 1 stays until all are."""
    publish(1)
    watcher = Watcher(AT_ONCE.model_copy(update={"retry_seconds": 1e-9}), str(model_dir))
    watcher.poll()
    source = toys(2)
    files = sorted(
        (path for path in source.rglob("*") if path.is_file() and path.name != "fingerprint.pb"),
        key=lambda path: (path.name == "saved_model.pb") == (order == "graph last"),
    )
    assert len(files) == 4
    for number, file in enumerate(files):
        target = model_dir / "2" / file.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        content = file.read_bytes()
        if file.suffix != ".txt":  # a shorter vocabulary is a vocabulary: only rest or a rename tell (settle_seconds)
            target.write_bytes(content[: len(content) // 2])
            watcher.poll()
            assert watcher.current is not None
            assert watcher.current.version == 1
        target.write_bytes(content)
        watcher.poll()
        assert watcher.current is not None
        assert watcher.current.version == (2 if number == len(files) - 1 else 1)


def test_a_version_whose_files_still_change_is_not_loaded(model_dir: Path, publish: Publish) -> None:
    version = publish(1)
    watcher = Watcher(AT_ONCE.model_copy(update={"settle_seconds": 1000.0}), str(model_dir))
    for number in range(3):
        (version / "assets" / "more.txt").write_text("x" * number)
        watcher.poll()
        assert watcher.current is None
    assert states(watcher) == {1: "START"}


def test_a_version_whose_files_change_while_it_is_loaded_is_not_published(
    model_dir: Path, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    from serving.server.versions.loaded_model import load

    def load_slowly(path: str, version: int, config: ServingConfig) -> object:
        model = load(path, version, config)
        Path(path, "assets", "late.txt").write_text("late")
        return model

    publish(1)
    watcher = Watcher(AT_ONCE, str(model_dir))
    with monkeypatch.context() as patched:
        patched.setattr("serving.server.versions.watcher.load", load_slowly)
        watcher.poll()
        assert watcher.current is None
        assert "changed while" in watcher.states.all()[0].error
    watcher.poll()
    assert states(watcher) == {1: "AVAILABLE"}


@pytest.mark.parametrize(
    ("file", "size", "words"),
    [
        ("saved_model.pb", 0, "{version}/saved_model.pb is empty; copy or export the model again."),
        ("saved_model.pb", 100, "{version}/saved_model.pb is not a whole SavedModel, copy or export it again: "),
        (
            "variables/variables.data-00000-of-00001",
            2,
            "The files in {version}/variables are cut short or damaged, copy or export them again: Read less bytes",
        ),
    ],
)
def test_a_file_that_is_cut_short_is_named(model_dir: Path, publish: Publish, file: str, size: int, words: str) -> None:
    version = publish(1)
    os.truncate(version / file, size)
    watcher = Watcher(AT_ONCE, str(model_dir))
    watcher.poll()
    assert watcher.states.all()[0].error.startswith(words.format(version=version))
