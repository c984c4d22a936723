"""Which folder is a version, and which version is served when one goes."""

import shutil
from pathlib import Path

from serving.server.versions.watcher import Watcher
from tests.serving.conftest import AT_ONCE, Publish, states


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
