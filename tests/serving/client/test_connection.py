"""A client without its server: nobody there, gone, back again, too slow, or closed."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from serving.client import Client
from serving.config import ServingConfig
from serving.errors import (
    ClosedError,
    DeadlineError,
    UnreachableError,
)
from serving.server import Server
from tests.serving.conftest import wait_for
from tests.serving.toy_models import example


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with pytest.raises(UnreachableError, match=r"No server answers at 127.0.0.1:1 within 0.2 s"):
        Client(ServingConfig(port=1, timeout_seconds=0.2))


def test_a_server_that_goes_away_is_unreachable(server: Server, client: Client) -> None:
    server.stop()
    with pytest.raises(UnreachableError, match="UNAVAILABLE"):
        client.status()


def test_a_server_that_came_back_is_found_again(
    config: ServingConfig, server: Server, client: Client, model_dir: Path
) -> None:
    server.stop()
    with pytest.raises(UnreachableError):
        client.healthy()
    with Server(config.model_copy(update={"port": server.port}), model_dir):
        wait_for(lambda: _healthy(client))


def _healthy(client: Client) -> bool:
    try:
        return client.healthy()
    except UnreachableError:
        return False


def test_a_server_that_does_not_answer_in_time_is_told_from_one_that_is_not_there() -> None:
    silent, over = grpc.server(ThreadPoolExecutor(1)), threading.Event()
    port = silent.add_insecure_port("127.0.0.1:0")
    waits = grpc.unary_unary_rpc_method_handler(lambda *_: over.wait(60))
    silent.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("tensorflow.serving.ModelService", {"GetModelStatus": waits}),)
    )
    silent.start()
    try:
        with (
            Client(ServingConfig(port=port, timeout_seconds=2.0)) as client,  # which connects within that time, too
            pytest.raises(DeadlineError, match="DEADLINE_EXCEEDED"),
        ):
            client.status()
    finally:
        over.set()
        silent.stop(None)
    assert issubclass(DeadlineError, UnreachableError)


def test_a_closed_client_says_so(server: Server) -> None:
    client = Client(server.config)
    client.close()
    asks = (client.status, client.metadata, client.healthy, lambda: client.score_examples([example()]))
    for ask in asks:
        with pytest.raises(ClosedError, match=r"This client is closed; call it within its `with` block"):
            ask()


def test_a_url_is_no_host() -> None:
    with pytest.raises(ValueError, match=r"'http://models\.example/' is a URL; give the host alone, 'models\.example'"):
        ServingConfig(host="http://models.example/")
