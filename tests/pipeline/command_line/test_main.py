import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

WITH_CONFIG = (
    *("simulate", "world", "check-logs", "ingest --out nowhere", "run", "report", "compare newest newest"),
    *("tune", "serve", "score", "config", "runs list", "runs show", "runs slices", "runs clean --keep 3"),
)
WITHOUT_CONFIG = ("", "runs", "adapt-kuairand", "finetune")
HEAVY = {"tensorflow", "tfx", "apache_beam", "keras", "ml_metadata", "tensorflow_model_analysis", "grpc"}


def imported(*calls: str) -> dict[str, tuple[set[str], str]]:
    """For each call, the top-level modules that it and the calls before it have imported, and its standard error.

    All calls share one process, since its start costs more than they do.
    """
    code = (
        "import contextlib, io, json, os, sys\n"
        "import pipeline.command_line.main as cli\n"
        "os._exit = lambda code: None\n"
        "calls, results = sys.argv[1:], {}\n"
        "for call in calls:\n"
        "    sys.argv = ['coldcast', *call.split()]\n"
        "    output, error = (io.TextIOWrapper(io.BytesIO(), 'utf-8', write_through=True) for _ in range(2))\n"
        "    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(error):\n"
        "        cli.main()\n"
        "    modules = {name.partition('.')[0] for name in sys.modules}\n"
        "    results[call] = [*modules], error.buffer.getvalue().decode()\n"
        "print(json.dumps(results))"
    )
    finished = subprocess.run([sys.executable, "-c", code, *calls], capture_output=True, text=True, check=True)
    return {call: (set(modules), error) for call, (modules, error) in json.loads(finished.stdout).items()}


def test_help_imports_nothing_heavy():
    calls = imported(*(f"{command} --help".strip() for command in (*WITHOUT_CONFIG, *WITH_CONFIG)))
    assert all("typer" in modules for modules, _ in calls.values())
    heavy = HEAVY | {"polars", "pyarrow"}
    assert {call: modules & heavy for call, (modules, _) in calls.items() if modules & heavy} == {}


def test_errors_of_the_config_import_nothing_heavy():
    calls = imported(*(f"{command} --set trainer.epoch=1" for command in WITH_CONFIG))
    assert [call for call, (_, error) in calls.items() if "unknown key, did you mean epochs?" not in error] == []
    assert {call: modules & HEAVY for call, (modules, _) in calls.items() if modules & HEAVY} == {}


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
    ((_, error),) = imported(f"run --json {outcome} --set trainer.epoch=1").values()
    assert "unknown key" in error
    assert not outcome.exists()
