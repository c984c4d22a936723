"""`coldcast score`: a request that was saved is one that can be sent again."""

from pathlib import Path
from types import TracebackType

import pytest

from pipeline.command_line.models import score
from serving.client import Request, load_request

REQUEST = Request({"market": "SE"}, {"show_id": ["s1", "s2"], "genres": [["news"], None]})


class NoServer:
    """A client that needs no server."""

    def __init__(self, *_: object, **__: object) -> None: ...

    def __enter__(self) -> "NoServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


def test_a_saved_sample_is_the_request_that_was_scored_and_can_be_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    scored: list[Request] = []
    monkeypatch.setattr("serving.client.Client", NoServer)
    monkeypatch.setattr("pipeline.sample.sample_request", lambda *_: REQUEST)
    monkeypatch.setattr("pipeline.sample.score_and_show", lambda _config, request, *_: scored.append(request))
    file, overrides = tmp_path / "request.json", [f"root={tmp_path}"]
    score(save=file, overrides=overrides)
    assert load_request(file) == REQUEST
    shown = capsys.readouterr().out
    assert shown.startswith(f"wrote {file}; edit it and send it with: coldcast score -c default --set root={tmp_path}")
    assert shown.endswith(f" --request {file}\n")
    score(request=file, overrides=overrides)
    assert scored == [REQUEST, REQUEST]
