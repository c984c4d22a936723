"""Each promise of publishing: whole or not at all, increasing versions, never the same model twice."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tfx.dsl.io import fileio

from components.pusher import publish as module
from components.pusher import records
from components.pusher.digest import RECORD, model_digest
from components.pusher.errors import PushError
from components.pusher.publish import publish, published
from tests.components.pusher.killed import killed_in


def _model(folder: Path, content: str = "weights") -> str:
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_text("graph")
    (folder / "variables" / "variables.index").write_text(content)
    return str(folder)


def _visible(directory: Path) -> list[str]:
    """Names that TensorFlow Serving takes for versions."""
    return sorted(path.name for path in directory.iterdir() if path.name.isdigit())


def test_the_published_folder_holds_the_models_files_and_the_record(tmp_path):
    done = publish(_model(tmp_path / "model"), str(tmp_path / "out"))
    folder = tmp_path / "out" / str(done.version)
    assert done.new
    assert done.newer == ()
    assert Path(done.path) == folder
    assert (folder / "variables" / "variables.index").read_text() == "weights"
    assert (folder / "saved_model.pb").read_text() == "graph"
    assert published(str(tmp_path / "out")) == {done.version: model_digest(str(tmp_path / "model"))}


def test_pushes_within_one_second_get_increasing_versions(tmp_path, monkeypatch):
    monkeypatch.setattr(module.time, "time", lambda: 1000.7)
    versions = [publish(_model(tmp_path / f"m{n}", f"{n}"), str(tmp_path / "out")).version for n in range(3)]
    assert versions == [1000, 1001, 1002]


def test_a_clock_that_went_back_does_not_lower_the_version(tmp_path, monkeypatch):
    (tmp_path / "out" / "5000").mkdir(parents=True)
    monkeypatch.setattr(module.time, "time", lambda: 1000.0)
    assert publish(_model(tmp_path / "model"), str(tmp_path / "out")).version == 5001


def test_the_number_of_a_removed_version_is_not_given_again(tmp_path, monkeypatch):
    monkeypatch.setattr(module.time, "time", lambda: 1000.0)
    out = tmp_path / "out"
    assert [publish(_model(tmp_path / f"m{n}", f"{n}"), str(out)).version for n in range(2)] == [1000, 1001]
    shutil.rmtree(out / "1001")
    assert publish(str(tmp_path / "m1"), str(out)).version == 1002
    for damaged in ("", "no number", "9" * 30):
        (out / ".last-version").write_text(damaged)  # then the versions that are there still count
        (out / "1002").rename(out / "7")  # with its record
        assert publish(_model(tmp_path / f"after {damaged}", damaged), str(out)).version == 1003
        shutil.rmtree(out / "1003")
        (out / "7").rename(out / "1002")
    assert _visible(out) == ["1000", "1002"]


def test_the_number_of_a_killed_push_is_not_given_again(tmp_path, monkeypatch):
    monkeypatch.setattr(module.time, "time", lambda: 1000.0)
    model, out = _model(tmp_path / "model"), tmp_path / "out"

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(module, "_appear", killed)
        publish(model, str(out))
    assert publish(model, str(out)).version == 1001


def test_nothing_is_published_if_no_number_is_left(tmp_path):
    last = tmp_path / "out" / f"{2**63 - 1}"
    last.mkdir(parents=True)
    with pytest.raises(PushError, match=r"no number is left above version 9223372036854775807; remove its folder"):
        publish(_model(tmp_path / "model"), str(tmp_path / "out"))
    assert _visible(tmp_path / "out") == [last.name]


@pytest.mark.parametrize("damaged", ["", "{}", "[1]", '{"version": "1", "digest": 2}', b"\xff"])
def test_a_version_whose_record_is_damaged_is_left_alone_with_a_warning(tmp_path, monkeypatch, damaged):
    warned: list[str] = []
    monkeypatch.setattr(records.logging, "warning", lambda text, *words: warned.append(text % words))
    out = tmp_path / "out"
    first = publish(_model(tmp_path / "model"), str(out))
    record = out / str(first.version) / RECORD
    record.write_bytes(damaged if isinstance(damaged, bytes) else damaged.encode())
    assert publish(_model(tmp_path / "other", "other"), str(out)).new
    assert f"{record} is damaged: its version is left alone, like one that nobody pushed." in warned
    (out / str(first.version) / "saved_model.pb").unlink()
    publish(_model(tmp_path / "third", "third"), str(out))
    assert record.exists()


@pytest.mark.parametrize(
    ("file", "damage"),
    [("variables/variables.index", "changed"), ("variables/variables.index", "gone"), ("saved_model.pb", "gone")],
)
def test_a_damaged_version_is_published_again(tmp_path, file, damage):
    model, out = _model(tmp_path / "model"), tmp_path / "out"
    first = publish(model, str(out))
    damaged = out / str(first.version) / file
    damaged.write_text("weighty") if damage == "changed" else damaged.unlink()
    done = publish(model, str(out))
    assert (done.new, done.damaged) == (True, first.version)
    again = publish(model, str(out))
    assert (again.new, again.version, again.damaged) == (False, done.version, None)


def test_files_are_on_the_disk_before_the_version_appears(tmp_path, monkeypatch):
    out, steps = tmp_path / "out", []
    fsync, rename = os.fsync, Path.rename

    def synced(descriptor: int) -> None:
        steps.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        fsync(descriptor)

    def renamed(source: Path, target: Path) -> Path:
        steps.append(f"renamed to {target.name}")
        return rename(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "rename", renamed)
    done = publish(_model(tmp_path / "model"), str(out))
    before, after = steps[: steps.index(f"renamed to {done.version}")], steps[-1]
    assert {"saved_model.pb", "variables.index", "coldcast_push.json", "variables", "assets.extra"} < set(before)
    assert f".{done.version}.partial" in before
    assert after == "out"


def test_the_same_model_is_never_published_twice(tmp_path):
    first = publish(_model(tmp_path / "a"), str(tmp_path / "out"))
    again = publish(_model(tmp_path / "copy"), str(tmp_path / "out"))
    assert (again.version, again.new, again.newer) == (first.version, False, ())
    other = publish(_model(tmp_path / "b", "other"), str(tmp_path / "out"))
    back = publish(str(tmp_path / "a"), str(tmp_path / "out"))
    assert (back.version, back.new, back.newer) == (first.version, False, (other.version,))
    assert _visible(tmp_path / "out") == [str(first.version), str(other.version)]


def test_a_push_killed_before_the_rename_leaves_nothing_visible_and_the_next_one_publishes_once(tmp_path):
    model, out = _model(tmp_path / "model"), tmp_path / "out"
    killed_in("rename", model, out)
    assert _visible(out) == []
    assert len(list(out.glob(".*.partial"))) == 1
    (out / ".pushing-5-of-an-earlier-release").mkdir()
    done = publish(model, str(out))
    assert done.new
    assert _visible(out) == [str(done.version)]
    assert {path.name for path in out.iterdir()} == {".last-version", str(done.version)}


def test_a_push_killed_in_the_write_of_its_note_leaves_nothing_that_the_next_one_keeps(tmp_path):
    model, out = _model(tmp_path / "model"), tmp_path / "out"
    killed_in("replace", model, out)
    assert len(list(out.glob(".*.partial"))) == 1
    done = publish(model, str(out))
    assert {path.name for path in out.iterdir()} == {".last-version", str(done.version)}


def test_killed_after_the_rename_publishes_nothing_more(tmp_path):
    model, out = _model(tmp_path / "model"), tmp_path / "out"
    first = publish(model, str(out))  # the process dies before ML Metadata learns of it: the next run pushes again
    assert publish(model, str(out)) == module.Publication(first.version, first.path, new=False)
    assert len(_visible(out)) == 1


def test_versions_from_elsewhere_are_left_alone(tmp_path):
    foreign = tmp_path / "out" / "7"
    foreign.mkdir(parents=True)
    (foreign / "saved_model.pb").write_text("theirs")
    done = publish(_model(tmp_path / "model"), str(tmp_path / "out"))
    assert done.version > 7
    assert (foreign / "saved_model.pb").read_text() == "theirs"


def test_where_folders_cannot_be_renamed_the_record_comes_first_and_the_graph_last(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "is_local", lambda _: False)
    copied: list[Path] = []
    copy = fileio.copy

    def recorded(source: str, target: str) -> None:
        assert Path(target).parents[0 if target.endswith(".pb") else 1].joinpath(RECORD).exists()
        copied.append(Path(target))
        copy(source, target)

    monkeypatch.setattr(fileio, "copy", recorded)
    done = publish(_model(tmp_path / "model"), str(tmp_path / "out"))
    assert [path.name for path in copied] == ["variables.index", "saved_model.pb"]
    (Path(done.path) / "saved_model.pb").unlink()  # as if killed just before
    again = publish(str(tmp_path / "model"), str(tmp_path / "out"))
    assert again.new
    assert _visible(tmp_path / "out") == [str(again.version)]


def test_pushes_at_the_same_time_exclude_each_other(tmp_path):
    models = [_model(tmp_path / f"m{n}", f"{n % 2}") for n in range(6)]  # two different models, each three times
    with ThreadPoolExecutor(len(models)) as pool:
        done = list(pool.map(lambda model: publish(model, str(tmp_path / "out")), models))
    assert sum(publication.new for publication in done) == 2
    assert len(_visible(tmp_path / "out")) == 2


def test_a_folder_without_a_saved_model_is_rejected(tmp_path):
    (tmp_path / "model").mkdir()
    with pytest.raises(PushError, match=r"holds no saved_model\.pb; export the model"):
        publish(str(tmp_path / "model"), str(tmp_path / "out"))
