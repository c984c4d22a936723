"""Starting and stopping the embedded server, and what it says if it cannot start."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from serving.client import Client
from serving.config import ServingConfig
from serving.errors import ServingError, UnreachableError
from serving.server import Server, serve
from tests.serving.conftest import Publish, wait_for
from tests.serving.toy_models import save_python_function


def test_a_port_in_use_is_a_clear_error(server: Server, config: ServingConfig, model_dir: Path) -> None:
    taken = config.model_copy(update={"port": server.port})
    with pytest.raises(ServingError, match=f"127.0.0.1:{server.port}: the port is in use.*serving.port"):
        Server(taken, model_dir).start()


def test_a_stopped_server_frees_its_port(config: ServingConfig, model_dir: Path, publish: Publish) -> None:
    publish(1)
    with Server(config, model_dir) as server:
        same = server.config
    with Server(same, model_dir) as server:
        assert server.port == same.port
    assert not [thread for thread in threading.enumerate() if thread.name == "model-watcher"]


def test_it_listens_on_loopback_only_by_default(server: Server) -> None:
    # All of 127.0.0.0/8 is this machine's on Linux: a server on every address answers on 127.0.0.2 as well.
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.2", server.port), timeout=5):
        pass
    assert ServingConfig().host == "127.0.0.1"


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1:8500"),
        ("models.example.com", "models.example.com:8500"),
        ("::1", "[::1]:8500"),
        ("[::1]", "[::1]:8500"),
    ],
)
def test_an_ipv6_host_is_put_in_brackets(host: str, address: str) -> None:
    assert ServingConfig(host=host).address == address


def _has_ipv6_loopback() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.skipif(not _has_ipv6_loopback(), reason="this machine has no IPv6 loopback")
def test_server_and_client_work_on_an_ipv6_address(config: ServingConfig, model_dir: Path, publish: Publish) -> None:
    publish(1)
    with Server(config.model_copy(update={"host": "::1"}), model_dir) as server, Client(server.config) as client:
        assert client.healthy()


def test_a_missing_model_directory_is_a_clear_error(config: ServingConfig, tmp_path: Path) -> None:
    with pytest.raises(ServingError, match=r"no model directory .*nowhere"), Server(config, tmp_path / "nowhere"):
        pass


def test_a_directory_without_a_version_is_a_clear_error(config: ServingConfig, model_dir: Path) -> None:
    with pytest.raises(ServingError, match="holds no version"), Server(config, model_dir):
        pass


def test_a_model_that_cannot_be_served_is_a_clear_error(config: ServingConfig, model_dir: Path) -> None:
    save_python_function(model_dir / "1")
    refused = pytest.raises(ServingError, match=r"Version 1 .* cannot be served: The op EagerPyFunc")
    with refused, Server(config, model_dir):
        pass


def test_before_its_first_version_it_is_up_and_not_healthy(
    config: ServingConfig, model_dir: Path, publish: Publish
) -> None:
    server = Server(config, model_dir)
    server.start()
    try:
        with Client(server.config) as client:
            assert not client.healthy()
            publish(1)
            server.wait_until_available(60)
            assert client.healthy()
    finally:
        server.stop()


def test_waiting_ends_when_the_time_is_over(config: ServingConfig, model_dir: Path, publish: Publish) -> None:
    publish(1)
    patient = config.model_copy(update={"settle_seconds": 1000.0, "start_seconds": 0.2})
    with (
        pytest.raises(
            ServingError,
            match=r"became available within 0.2 s: version 1 is in state START \(its files must stay unchanged",
        ),
        Server(patient, model_dir),
    ):
        pass


def test_serve_stops_on_a_signal_and_frees_the_port(config: ServingConfig, model_dir: Path, publish: Publish) -> None:
    publish(1)
    ports = []
    before = signal.getsignal(signal.SIGTERM)

    def started(server: Server) -> None:
        with Client(server.config) as client:
            assert client.healthy()
        ports.append(server.config)
        os.kill(os.getpid(), signal.SIGTERM)

    serve(config, model_dir, started)
    assert signal.getsignal(signal.SIGTERM) is before
    with pytest.raises(UnreachableError):
        Client(ports[0].model_copy(update={"timeout_seconds": 0.3}))


def test_serve_stops_on_a_signal_that_another_thread_receives(
    config: ServingConfig, model_dir: Path, publish: Publish
) -> None:
    publish(1)
    stopped, late = threading.Event(), threading.Event()

    def send() -> None:
        time.sleep(0.3)  # the main thread waits by now; were it not, this test would find nothing wrong
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        if not stopped.wait(20):
            late.set()
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)

    sender = threading.Thread(target=send)
    serve(config, model_dir, lambda _server: sender.start())
    stopped.set()
    sender.join()
    assert not late.is_set(), "only a second signal, to the main thread, ended it"


def test_a_version_without_its_graph_is_named_at_the_start(config: ServingConfig, model_dir: Path) -> None:
    (model_dir / "3" / "variables").mkdir(parents=True)
    words = r"within 0\.5 s: version 3 is in state START \(saved_model\.pb is missing\)"
    hasty = config.model_copy(update={"start_seconds": 0.5})
    messages: list[str] = []
    with pytest.raises(ServingError, match=words), Server(hasty, model_dir, messages.append):
        pass
    assert messages == [f"waiting for version 3 in {model_dir}: saved_model.pb is missing"], (
        "once, and not at the end only"
    )


def test_a_start_does_not_wait_for_an_incomplete_version_if_another_is_complete(
    config: ServingConfig, model_dir: Path, publish: Publish
) -> None:
    publish(2)
    (model_dir / "3" / "variables").mkdir(parents=True)
    messages: list[str] = []
    with Server(config, model_dir, messages.append) as server:
        assert server.version == 2
    assert messages == []


def test_each_swap_and_each_failed_load_is_reported(config: ServingConfig, model_dir: Path, publish: Publish) -> None:
    publish(1)
    (model_dir / "2").mkdir()
    (model_dir / "2" / "saved_model.pb").touch()
    messages: list[str] = []
    hasty = config.model_copy(update={"retry_seconds": 1e-9})
    with Server(hasty, model_dir, messages.append) as server:
        reason = f"{model_dir}/2/saved_model.pb is empty; copy or export the model again."
        assert messages == [f"version 2 does not load and is not served: {reason}"]
        publish(3)
        wait_for(lambda: server.version == 3)
        save_python_function(model_dir / "4")
        wait_for(lambda: len(messages) > 2)
        publish(5)
        wait_for(lambda: server.version == 5)
    assert messages[1] == "now serving version 3"
    assert messages[2].startswith("version 4 does not load and is not served: The op EagerPyFunc")
    assert messages[3:] == ["now serving version 5"], "version 4 is tried again and again, and reported once"


def test_the_config_and_the_client_need_no_tensorflow() -> None:
    code = "import sys, serving.config, serving.client; "
    code += "from serving.wire.messages import message; message('PredictRequest'); "
    code += "assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
