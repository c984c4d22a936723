"""A server whose model waits for the test."""

from collections.abc import Iterator

import pytest

from serving.server import Server
from serving.server.versions.signature import Signature
from tests.serving.server.gate import Gate


@pytest.fixture
def gate(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    held, run = Gate(), Signature.run

    def run_slowly(self: Signature, *arguments: object) -> object:
        held.entered.release()
        assert held.opened.wait(60)
        return run(self, *arguments)

    monkeypatch.setattr(Signature, "run", run_slowly)
    yield held
    held.opened.set()
