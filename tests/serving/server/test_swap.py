"""Versions are swapped while requests go on, and what ended is freed."""

import functools
import gc
import shutil
import threading
import weakref
from pathlib import Path

import pytest
import tensorflow as tf

from serving.client import Client
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
