"""The snippets of docs/serving.md run as they stand."""

import json
import re
from pathlib import Path

import pytest

from serving.client import load_request
from serving.server import Server
from tests.serving.client.some_candidates import AD_STREAM, CANDIDATES, REQUEST

PAGE = Path(__file__).parents[2] / "docs" / "serving.md"


def snippet(language: str, words: str) -> str:
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (block,) = [block for block in blocks if words in block]
    return block


def test_the_config_of_a_run_gives_the_client_its_address_and_features(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "configs").mkdir()
    serving = {"port": server.port, "model_name": "toy"}
    (tmp_path / "configs" / "tiny.yaml").write_text(json.dumps({"serving": serving}))
    (tmp_path / "request.json").write_text(json.dumps({"request": REQUEST, "candidates": CANDIDATES}))
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(snippet("python", "load_config"), names)
    assert names["scores"]["ad_stream"].tolist() == AD_STREAM


def test_the_request_file_of_the_page_is_one(tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    file.write_text(snippet("json", "candidates"))
    assert load_request(file).size == 2
