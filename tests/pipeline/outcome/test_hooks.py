"""What a hook gets, and that a hook that fails is a sentence and nothing more."""

import json
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipeline.outcome import hooks
from pipeline.outcome.config import Hook
from pipeline.outcome.hooks import call_hooks

DOCUMENT = {"format": 1, "outcome": "not_blessed", "run": "2026-11-27T20:56:40", "branches": []}


@contextmanager
def server(*answers: int) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """A server of this machine that answers with these codes, and what it got."""
    received: list[tuple[dict[str, str], bytes]] = []
    codes = iter(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(next(codes))
            self.send_header("Location", "/elsewhere")  # counts only beside a code from 300 to 399
            self.end_headers()

        def do_GET(self) -> None:
            received.append(({}, b"a redirect was followed"))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}/hook", received
        finally:
            running.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "_SECONDS_BETWEEN_ATTEMPTS", 0.0)


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def test_a_command_gets_the_document_and_the_outcome(tmp_path: Path):
    out = tmp_path / "out.json"
    code = (
        f"import json, os, sys; json.dump([json.load(sys.stdin), os.environ['COLDCAST_OUTCOME'], "
        f"os.environ['COLDCAST_RUN']], open({str(out)!r}, 'w'))"
    )
    assert list(call_hooks([Hook(command=python(code))], DOCUMENT)) == []
    assert json.loads(out.read_text()) == [DOCUMENT, "not_blessed", "2026-11-27T20:56:40"]


def test_a_hook_is_called_for_its_outcomes_only(tmp_path: Path):
    def touch(name: str) -> tuple[str, ...]:
        return python(f"open({str(tmp_path / name)!r}, 'w')")

    wanted = [
        Hook(outcomes=("failed",), command=touch("failed")),
        Hook(outcomes=("not_blessed",), command=touch("not_blessed")),
    ]
    assert list(call_hooks(wanted, DOCUMENT)) == []
    assert [path.name for path in tmp_path.iterdir()] == ["not_blessed"]


def test_a_command_that_fails_is_a_sentence_and_the_next_hook_is_called(tmp_path: Path):
    out = tmp_path / "out"
    calls = [
        Hook(command=python("print('no route'); raise SystemExit(7)")),
        Hook(command=("/no/such/program",)),
        Hook(command=python("import time; time.sleep(60)"), timeout_seconds=0.1),
        Hook(command=python(f"open({str(out)!r}, 'w')")),
    ]
    first, second, third = call_hooks(calls, DOCUMENT)
    assert first == f"hooks[0]: {sys.executable} ended with exit code 7: no route"
    assert second == "hooks[1]: /no/such/program cannot be started: No such file or directory"
    assert third == f"hooks[2]: {sys.executable} was stopped after 0.1 s (timeout_seconds)"
    assert out.exists()


def test_a_url_gets_the_document_with_headers_from_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOOK_TOKEN", "s3cret")
    with server(204) as (url, received):
        hook = Hook(url=url, headers={"Authorization": "Bearer ${HOOK_TOKEN}"})
        assert list(call_hooks([hook], DOCUMENT)) == []
    ((headers, body),) = received
    assert json.loads(body) == DOCUMENT
    assert headers["authorization"] == "Bearer s3cret"
    assert headers["content-type"] == "application/json"


def test_a_url_is_tried_again_only_if_the_fault_is_the_servers():
    with server(503, 200) as (url, received):
        assert list(call_hooks([Hook(url=url)], DOCUMENT)) == []
        assert len(received) == 2
    with server(404) as (url, received):
        assert list(call_hooks([Hook(url=url)], DOCUMENT)) == [f"hooks[0]: {url} answered 404 Not Found"]
        assert len(received) == 1
    with server(500, 500, 500) as (url, received):
        assert list(call_hooks([Hook(url=url)], DOCUMENT)) == [f"hooks[0]: {url} answered 500 Internal Server Error"]
        assert len(received) == 3


def test_a_redirect_is_not_followed_since_it_would_take_the_secrets_along():
    with server(302) as (url, received):
        assert list(call_hooks([Hook(url=url)], DOCUMENT)) == [f"hooks[0]: {url} answered 302 Found"]
        assert len(received) == 1


def test_an_answer_that_is_not_http_is_a_sentence_and_the_next_hook_is_called(tmp_path: Path):
    out = tmp_path / "out"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(10)  # so that the thread ends, too, if fewer attempts come

        def answer() -> None:
            for _ in range(hooks.ATTEMPTS):
                with suppress(TimeoutError), listening.accept()[0] as connection:
                    connection.recv(65536)
                    connection.sendall(b"nonsense\r\n\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/hook"
        calls = [Hook(url=url), Hook(command=python(f"open({str(out)!r}, 'w')"))]
        (sentence,) = call_hooks(calls, DOCUMENT)
        thread.join()
    assert sentence.startswith(f"hooks[0]: {url} answered something that is not HTTP")
    assert out.exists()


def test_a_secret_with_a_line_break_is_not_shown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOOK_TOKEN", "s3cret\n")
    (sentence,) = call_hooks([Hook(url="http://127.0.0.1:9/", headers={"A": "Bearer ${HOOK_TOKEN}"})], DOCUMENT)
    assert sentence == "hooks[0]: the environment variable HOOK_TOKEN, which `headers` names, contains a line break"


def test_a_url_that_nobody_answers_and_a_missing_variable_are_sentences(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("HOOK_TOKEN", raising=False)
    with server() as (url, _):
        pass
    (sentence,) = call_hooks([Hook(url=url)], DOCUMENT)
    assert sentence.startswith(f"hooks[0]: {url} cannot be reached: ")
    (sentence,) = call_hooks([Hook(url=url, headers={"A": "${HOOK_TOKEN}"})], DOCUMENT)
    assert sentence == "hooks[0]: the environment variable HOOK_TOKEN, which `headers` names, is not set"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "give either `command` or `url`"),
        ({"command": ["a"], "url": "http://a"}, "give either `command` or `url`"),
        ({"command": ["a"], "headers": {"a": "b"}}, "headers: they need `url`"),
        ({"url": "file:///etc/passwd"}, "pattern"),
        ({"command": ["a"], "outcomes": []}, "at least 1"),
    ],
)
def test_a_hook_without_one_clear_way_is_refused(values: dict[str, object], message: str):
    with pytest.raises(ValidationError, match=message):
        Hook.model_validate(values)
