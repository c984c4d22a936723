"""Other files under a number that is served, and states of what comes and goes."""

import shutil
from pathlib import Path

import tensorflow as tf

from serving.server.versions.states import State, States, VersionState
from serving.server.versions.watcher import Watcher
from tests.serving.conftest import AT_ONCE, Publish, states
from tests.serving.toy_models import save_python_function


def test_a_version_number_that_comes_back_with_another_model_is_loaded(
    model_dir: Path, publish: Publish, toys: Publish
) -> None:
    publish(1)
    messages: list[str] = []
    watcher = Watcher(AT_ONCE, str(model_dir), tell=messages.append)
    watcher.poll()
    first = watcher.current
    watcher.poll()
    assert watcher.current is first, "the same files are not loaded again"
    shutil.rmtree(model_dir / "1")
    watcher.poll()
    shutil.copytree(toys(2), model_dir / "1")
    watcher.poll()
    assert _bias(watcher) == 2.0
    shutil.copytree(toys(3), model_dir / "1", dirs_exist_ok=True)  # and in place
    watcher.poll()
    assert _bias(watcher) == 3.0
    assert messages == ["now serving version 1 with its changed files"] * 2
    del first
    assert states(watcher) == {1: "AVAILABLE"}, "that an older load of it ended changes nothing"


def test_new_files_of_the_served_version_that_do_not_load_leave_the_old_ones(
    model_dir: Path, publish: Publish, toys: Publish
) -> None:
    version = publish(1)
    watcher = Watcher(AT_ONCE, str(model_dir))
    watcher.poll()
    graph = version / "saved_model.pb"
    aside = graph.rename(model_dir / "aside")
    watcher.poll()
    assert watcher.states.all() == [VersionState(1, State.AVAILABLE)], "still on its way, for all that is known"
    graph.touch()
    watcher.poll()
    assert _bias(watcher) == 1.0
    error = f"{graph} is empty; copy or export the model again."
    assert watcher.states.all() == [VersionState(1, State.AVAILABLE, error)]
    graph.unlink()
    aside.rename(graph)
    watcher.poll()
    assert watcher.states.all() == [VersionState(1, State.AVAILABLE)], "the files are those that are served"


def test_an_error_of_the_served_version_goes_with_its_files(model_dir: Path, publish: Publish) -> None:
    version = publish(1)
    watcher = Watcher(AT_ONCE, str(model_dir))
    watcher.poll()
    aside = shutil.copytree(version, model_dir / "aside")
    (version / "saved_model.pb").write_bytes(b"")
    watcher.poll()
    assert watcher.states.all()[0].error
    shutil.rmtree(version)
    watcher.poll()
    assert watcher.states.all() == [VersionState(1, State.AVAILABLE)]
    aside.rename(version)
    watcher.poll()
    assert watcher.states.all() == [VersionState(1, State.AVAILABLE)]


def test_a_version_that_ends_after_it_was_forgotten_raises_nothing() -> None:
    known = States()
    known.set(5, State.UNLOADING)
    known.start(5)
    known.keep([])
    known.end(5)
    assert known.all() == []


def _bias(watcher: Watcher) -> float:
    assert watcher.current is not None
    examples = tf.make_tensor_proto([tf.train.Example().SerializeToString()])
    return float(watcher.current.signatures["serving_default"].run({"examples": examples})["ad_stream"][0]) + 10.0


def test_a_version_that_failed_and_is_gone_leaves_the_status(model_dir: Path, publish: Publish) -> None:
    publish(1)
    save_python_function(model_dir / "2")
    watcher = Watcher(AT_ONCE, str(model_dir))
    watcher.poll()
    assert states(watcher) == {2: "END", 1: "AVAILABLE"}
    shutil.rmtree(model_dir / "2")
    watcher.poll()
    assert states(watcher) == {1: "AVAILABLE"}
    save_python_function(model_dir / "2")
    watcher.poll()
    assert states(watcher) == {2: "END", 1: "AVAILABLE"}
