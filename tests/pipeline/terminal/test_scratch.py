"""Temporary files of a command are gone when it ends."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from pipeline.terminal import scratch


def test_the_folder_goes_with_the_block_and_the_systems_folder_stays(monkeypatch: pytest.MonkeyPatch):
    system = scratch.system_folder()
    monkeypatch.setenv("TMPDIR", system)
    with scratch.own_folder():
        made = Path(tempfile.mkdtemp())
        child = subprocess.run(["mktemp"], capture_output=True, text=True, check=True).stdout.strip()
        assert made.parent.parent == Path(system)
        assert Path(child).parent == made.parent
        assert scratch.system_folder() == system
    assert not made.parent.exists()
    assert tempfile.gettempdir() == os.environ["TMPDIR"] == system


def test_a_command_works_where_no_folder_can_be_made(tmp_path: Path):
    code = "from pipeline.command_line.main import main; main()"
    full = ["bash", "-c", 'ulimit -f 0; exec "$@" 2>&1', "-", sys.executable, "-c", code, "config"]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    finished = subprocess.run(full, env=environment, stdout=subprocess.PIPE, text=True)
    assert finished.returncode == 0, finished.stdout
    assert "seed: 7" in finished.stdout


def test_a_command_that_traces_functions_leaves_no_file(tmp_path: Path):
    code = (
        "import pipeline.command_line.main as cli\n"
        "def command(**_):\n"
        "    import tensorflow as tf\n"
        "    from tests.pipeline.terminal.test_scratch import traced\n"
        "    assert int(tf.function(traced)(tf.constant(3))) == 6\n"
        "cli.app = command\n"
        "cli.main()\n"
    )
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    finished = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    assert list(tmp_path.iterdir()) == []


def traced(x):
    return x + x if x > 0 else x
