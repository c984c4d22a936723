"""`coldcast runs clean` prints what it removes."""

import json
import re
import subprocess
import sys
from pathlib import Path

from pipeline.configuration.config import Config
from pipeline.runs import list_runs
from tests.pipeline.cleaning.nodes import folders, model_nodes, run


def test_the_command_prints_what_it_removes(config: Config, tmp_path: Path):
    (tmp_path / "c.yaml").write_text(json.dumps({"name": "c", "root": config.root}))
    for number in (1, 2):
        run(config, model_nodes(number, good=False))
    arguments = ["runs", "clean", "-c", f"{tmp_path}/c.yaml", "--keep", "1"]
    dry = coldcast(*arguments, "--dry-run")
    assert re.match(r"would be removed: [\d.]+ MiB that only older runs need \(1 so far\)\n", dry)
    assert "  Trainer.joint: 1 artifacts\n" in dry
    assert all(folders(list_runs(config)[0]).values())
    assert coldcast(*arguments).removeprefix("removed") == dry.removeprefix("would be removed")
    assert not any(folders(list_runs(config)[0]).values())
    assert coldcast(*arguments) == "nothing to remove\n"


def coldcast(*arguments: str) -> str:
    code = "from pipeline.command_line.main import main; main()"
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True).stdout
