"""docs/operations.md: its examples run as far as they can without a scheduler, and its tables are right."""

import json
import re
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from experiments.command_line import app
from pipeline.command_line.compare import WORSE
from pipeline.command_line.runs import NOT_BLESSED
from pipeline.configuration.config import Config

DOCS = Path(__file__).resolve().parents[2] / "docs"
DOC = (DOCS / "operations.md").read_text()
EXAMPLES = DOCS / "operations"


def check_command(words: list[str]) -> None:
    """Parses the arguments of `coldcast` as the command line does, without running anything."""
    command: Any = typer.main.get_command(app)
    while hasattr(command, "commands"):
        name, words = words[0], words[1:]
        command = command.commands[name]
    command.make_context(command.name, words)


def commands_in(text: str) -> list[list[str]]:
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    found = [line.strip().removeprefix("run: ") for line in lines if re.match(r"\s*(run: )?coldcast ", line)]
    return [re.sub(r'"?\$\w+"?', "X", line).split()[1:] for line in found]


def test_a_wrong_option_is_noticed():
    with pytest.raises(Exception, match="No such option"):
        check_command(["run", "--jsno", "x"])


@pytest.mark.parametrize("text", [*re.findall(r"```sh\n(.*?)```", DOC, re.DOTALL)])
def test_the_commands_shown_are_commands_of_coldcast(text: str):
    assert commands_in(text)
    for words in commands_in(text):
        check_command(words)


@pytest.mark.parametrize(("code", "message"), [(0, "published or unchanged"), (3, "not blessed"), (1, "exit code 1")])
def test_the_script_for_cron_keeps_the_exit_code_and_prints_the_outcome(tmp_path: Path, code: int, message: str):
    stand_in = tmp_path / "coldcast"
    stand_in.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\n'
        f'for last; do :; done\necho \'{{"outcome": {code}}}\' > "$last"\nexit {code}\n'
    )
    stand_in.chmod(0o755)
    script = EXAMPLES / "daily.sh"
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(["sh", script, "a.yaml"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert message in done.stdout
    assert json.loads(done.stdout.splitlines()[-1]) == {"outcome": code}
    words = (tmp_path / "arguments").read_text().split()
    assert words[:3] == ["run", "-c", "a.yaml"]
    check_command(words)
    assert not Path(words[-1]).exists(), "the temporary file is removed"


def test_the_dag_has_tasks_in_order_and_skips_what_is_not_blessed(monkeypatch: pytest.MonkeyPatch):
    tasks: dict[str, dict[str, object]] = {}
    order: list[tuple[str, str]] = []

    class DAG:
        def __init__(self, **arguments: object) -> None:
            assert arguments["max_active_runs"] == 1

        def __enter__(self) -> "DAG":
            return self

        def __exit__(self, *_: object) -> None:
            pass

    class BashOperator:
        def __init__(self, task_id: str, **arguments: object) -> None:
            self.task_id = task_id
            tasks[task_id] = arguments

        def __rshift__(self, other: "BashOperator") -> "BashOperator":
            order.append((self.task_id, other.task_id))
            return other

    stand_ins: dict[str, dict[str, type]] = {
        "airflow": {"DAG": DAG},
        "airflow.operators": {},
        "airflow.operators.bash": {"BashOperator": BashOperator},
    }
    for name, values in stand_ins.items():
        module = types.ModuleType(name)
        vars(module).update(values)
        monkeypatch.setitem(sys.modules, name, module)
    exec(compile((EXAMPLES / "airflow_dag.py").read_text(), "airflow_dag.py", "exec"), {})
    assert order == [("check_logs", "run"), ("run", "clean")]
    assert tasks["run"]["skip_on_exit_code"] == NOT_BLESSED
    for task in tasks.values():
        check_command(str(task["bash_command"]).split()[1:])


def test_the_workflow_is_valid_and_its_commands_are_of_coldcast():
    text = (EXAMPLES / "github_actions.yaml").read_text()
    workflow = yaml.safe_load(text)
    (job,) = workflow["jobs"].values()
    assert all({"run", "uses"} & step.keys() for step in job["steps"])
    commands = commands_in(text)
    assert [words[0] for words in commands] == ["run", "compare", "report"]
    for words in commands:
        check_command(words)


def test_the_hooks_and_guards_shown_are_valid():
    hooks, guards = (yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", DOC, re.DOTALL))
    assert len(Config.model_validate({"logs": "x", **guards}).compare.guards) == 2
    first, second = Config.model_validate({"logs": "x", **hooks}).hooks
    assert first.outcomes == ("not_blessed", "failed")
    assert second.timeout_seconds == 10


def test_the_exit_codes_are_those_of_the_commands():
    codes = dict(re.findall(r"^\| (\d+) \| (.+) \|$", DOC, re.MULTILINE))
    assert "--fail-unless-blessed" in codes[str(NOT_BLESSED)]
    assert "--guard" in codes[str(WORSE)]
