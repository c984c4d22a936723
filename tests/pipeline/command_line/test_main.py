import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

COMMANDS = (
    *("simulate", "world", "adapt-kuairand", "check-logs", "ingest", "run", "serve", "score", "config"),
    *("runs list", "runs show", "runs slices"),
)
WITHOUT_CONFIG = {"adapt-kuairand"}
HEAVY = {"tensorflow", "tfx", "apache_beam", "keras", "ml_metadata", "tensorflow_model_analysis", "grpc"}


def imported(*arguments: str) -> tuple[set[str], str]:
    """The top-level modules that a call has imported when it ends, and its standard error."""
    code = (
        "import os, sys, pipeline.command_line.main\n"
        "os._exit = lambda code: None\n"
        "pipeline.command_line.main.main()\n"
        "print('imported:', *{name.partition('.')[0] for name in sys.modules})"
    )
    command = [sys.executable, "-c", code, *arguments]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(finished.stdout.rpartition("imported: ")[2].split()), finished.stderr


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_imports_nothing_heavy(command: str):
    modules, _ = imported(*command.split(), "--help")
    assert "typer" in modules
    assert not modules & (HEAVY | {"polars", "pyarrow"})


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in WITHOUT_CONFIG])
def test_errors_of_the_config_import_nothing_heavy(command: str):
    out = ["--out", "nowhere"] if command == "ingest" else []
    modules, error = imported(*command.split(), *out, "--set", "trainer.epoch=1")
    assert "unknown key, did you mean epochs?" in error
    assert not modules & HEAVY


def test_the_version_needs_no_command():
    finished = subprocess.run(
        [sys.executable, "-c", "from pipeline.command_line.main import main; main()", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert finished.stdout == f"coldcast {version('coldcast')}\n"


def test_a_users_error_is_one_sentence_without_a_traceback():
    finished = subprocess.run(
        [
            sys.executable,
            "-c",
            "from pipeline.command_line.main import main; main()",
            "run",
            "--set",
            "trainer.epoch=1",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    assert finished.stderr.startswith("Error: default with --set: trainer.epoch: unknown key, did you mean epochs?")
    assert "Traceback" not in finished.stderr


WRAPPED = "def cut(**_): raise RuntimeError('KeyboardInterrupt [while running x]')"


@pytest.mark.parametrize("cut", ["def cut(**_): exit(130)", WRAPPED])
@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("run", "interrupted. Finished nodes are kept. Run the same command again to go on.\n"),
        ("serve", "interrupted\n"),
    ],
)
def test_only_an_interrupted_run_can_go_on(command: str, message: str, cut: str):
    code = f"import pipeline.command_line.main as cli\n{cut}\ncli.app = cut; cli.main()"
    finished = subprocess.run([sys.executable, "-c", code, command], capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stderr) == (130, message)


def test_a_wrong_config_leaves_no_outcome_of_an_earlier_run(tmp_path: Path):
    outcome = tmp_path / "outcome.json"
    outcome.write_text('{"outcome": "blessed"}')
    _, error = imported("run", "--json", str(outcome), "--set", "trainer.epoch=1")
    assert "unknown key" in error
    assert not outcome.exists()
