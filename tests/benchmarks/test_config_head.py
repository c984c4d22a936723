import re
from pathlib import Path

import pytest

from benchmarks.config_head import MARK, digest, rewrite
from pipeline.configuration.file import load_config

CONFIGS = sorted((Path(__file__).resolve().parents[2] / "configs").glob("*.yaml"))


def test_the_block_is_added_to_the_opening_comment_and_then_replaced():
    text = "# A world.\n#\n#   command\nname: a\n# later\n"
    once = rewrite(text, [f"{MARK}: 1 s", "# table"])
    assert once == f"# A world.\n#\n#   command\n#\n{MARK}: 1 s\n# table\nname: a\n# later\n"
    assert rewrite(once, [f"{MARK}: 2 s"]) == f"# A world.\n#\n#   command\n#\n{MARK}: 2 s\nname: a\n# later\n"


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_every_shipped_config_opens_with_its_command_and_what_it_measured(path: Path):
    comment = path.read_text().split("\nname:")[0]
    command = f"python -m benchmarks.config_head configs/{path.name}"
    assert "#   make run" in comment or "#   coldcast run --config" in comment
    assert f"\n# `{command}` writes these lines." in comment
    measured = re.search(rf"\n{MARK} on \d+ cores: \d+ s in all nodes \(hash of the settings: (\w+)\)\.\n", comment)
    assert measured
    assert measured.group(1) == digest(load_config(path)), f"run {path.name} again, then {command}"
    assert "stream  ad" in comment
