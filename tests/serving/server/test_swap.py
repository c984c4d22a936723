"""Versions are swapped while requests go on; what is broken or half there is never served."""

import functools
import gc
import os
import shutil
import threading
import weakref
from pathlib import Path

import pytest
import tensorflow as tf

from serving.client import Client
from serving.config import ServingConfig
from serving.errors import BadRequestError
from serving.server import Server
from serving.server.versions.watcher import Watcher
from tests.serving.conftest import AT_ONCE, Publish, states, wait_for
from tests.serving.toy_models import save_python_function, save_toy


def bias_of(client: Client) -> float:
    return float(client.score_candidates({"product": "free"}, {"show_id": [None]})["ad_stream"][0])


def test_a_new_version_is_served_within_a_poll_and_the_old_one_ends(
    server: Server, client: Client, publish: Publish
) -> None:
    assert bias_of(client) == 1.0
    publish(2)
    wait_for(lambda: server.version == 2)
    assert bias_of(client) == 2.0
    wait_for(lambda: [(status.version, status.state) for status in client.status()] == [(2, "AVAILABLE"), (1, "END")])


def test_no_request_fails_while_versions_are_swapped(server: Server, publish: Publish) -> None:
    biases: list[list[float]] = [[] for _ in range(4)]
    failures: list[Exception] = []
    done = threading.Event()

    def ask(seen: list[float]) -> None:
        try:
            with Client(server.config) as client:
                while not done.is_set():
                    seen.append(bias_of(client))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=ask, args=(seen,)) for seen in biases]
    for thread in threads:
        thread.start()
    for version in (2, 3, 4):
        publish(version)
        wait_for(functools.partial(lambda version: server.version == version, version))
    counts = [len(seen) for seen in biases]
    wait_for(lambda: all(len(seen) > count + 1 for seen, count in zip(biases, counts, strict=True)))
    done.set()
    for thread in threads:
        thread.join()
    assert not failures
    for seen in biases:
        assert seen == sorted(seen), "an old version answered after a newer one"
        assert set(seen) <= {1.0, 2.0, 3.0, 4.0}
        assert seen[-1] == 4.0


def test_no_request_fails_while_versions_with_other_features_are_swapped(
    server: Server, client: Client, model_dir: Path
) -> None:
    assert bias_of(client) == 1.0
    partial = save_toy(model_dir / ".partial", 2.0, age=False)
    partial.rename(model_dir / "2")
    wait_for(lambda: server.version == 2)
    assert bias_of(client) == 2.0  # at once: the server refuses an input that version 2 does not have
    with pytest.raises(BadRequestError, match="request has no feature 'age'"):
        client.score_candidates({"age": 3.0}, {"show_id": [None]})
    shutil.rmtree(model_dir / "2")
    wait_for(lambda: server.version == 1)
    older = client.score_candidates({"product": "free", "age": 3.0}, {"show_id": [None]})
    assert older["ad_stream"].tolist() == [1.0 + 3.0]


def test_a_request_keeps_the_version_it_began_with(model_dir: Path, publish: Publish) -> None:
    publish(1)
    watcher = Watcher(AT_ONCE, str(model_dir))
    watcher.poll()
    held = watcher.current
    publish(2)
    watcher.poll()
    assert states(watcher) == {2: "AVAILABLE", 1: "UNLOADING"}
    assert held is not None
    examples = tf.make_tensor_proto([tf.train.Example().SerializeToString()])
    assert held.signatures["serving_default"].run({"examples": examples})["ad_stream"][0] == 1.0 - 10.0
    freed = weakref.ref(held)
    del held
    assert freed() is None, "the last holder frees it, no collection needed"
    assert states(watcher) == {2: "AVAILABLE", 1: "END"}


def test_the_graphs_of_versions_that_ended_are_freed(model_dir: Path, publish: Publish) -> None:
    publish(1)
    watcher = Watcher(AT_ONCE, str(model_dir))
    watcher.poll()
    gc.collect()
    before = _graphs()
    for version in (2, 3, 4):
        publish(version)
        watcher.poll()
    watcher.poll()
    assert watcher.current is not None
    assert watcher.current.version == 4
    assert _graphs() <= before  # fewer where what earlier tests held has gone since


def _graphs() -> int:
    return sum(isinstance(held, tf.Graph) for held in gc.get_objects())


def test_a_failed_reload_keeps_the_old_model_and_is_tried_again(
    server: Server, client: Client, publish: Publish, model_dir: Path
) -> None:
    save_python_function(model_dir / "2")
    wait_for(lambda: client.status()[0].state == "END")
    assert "EagerPyFunc" in client.status()[0].error
    assert bias_of(client) == 1.0
    assert client.healthy()
    shutil.rmtree(model_dir / "2")
    publish(2)
    wait_for(lambda: server.version == 2)
    assert bias_of(client) == 2.0
    assert client.status()[0].error == ""


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


def test_a_withdrawn_version_gives_way_to_the_greatest_left(model_dir: Path, publish: Publish) -> None:
    publish(1)
    publish(2)
    watcher = Watcher(AT_ONCE, str(model_dir))
    watcher.poll()
    shutil.rmtree(model_dir / "2")
    watcher.poll()
    assert states(watcher)[1] == "AVAILABLE"
    shutil.rmtree(model_dir / "1")
    watcher.poll()
    assert watcher.current is not None, "the last model stays where nothing replaces it"
    shutil.rmtree(model_dir)
    watcher.poll()
    assert watcher.current is not None


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


def test_older_versions_that_were_never_loaded_have_no_state(model_dir: Path, publish: Publish) -> None:
    for version in (1, 2, 3):
        publish(version)
    waiting = Watcher(AT_ONCE.model_copy(update={"settle_seconds": 1000.0}), str(model_dir))
    waiting.poll()
    assert states(waiting) == {3: "START"}
    shutil.rmtree(model_dir / "3")
    waiting.poll()
    publish(3)
    assert 3 not in states(waiting)
    watcher = Watcher(AT_ONCE, str(model_dir))
    watcher.poll()
    assert states(watcher) == {3: "AVAILABLE"}
    shutil.rmtree(model_dir / "3")
    watcher.poll()
    assert states(watcher)[2] == "AVAILABLE"
    assert 1 not in states(watcher)


def test_only_plain_integers_are_versions(model_dir: Path, publish: Publish) -> None:
    publish(1)
    for name in ("2.partial", "-3", "v4", ".5", "٦"):
        shutil.copytree(model_dir / "1", model_dir / name)
    watcher = Watcher(AT_ONCE, str(model_dir))
    watcher.poll()
    assert states(watcher) == {1: "AVAILABLE"}
