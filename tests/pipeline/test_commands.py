"""The commands as a user calls them, on a world of a few hundred impressions."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import typer
from rich.status import Status

from pipeline.command_line.logs import check_logs, config_for_logs, ingest
from pipeline.command_line.runs import show_slices
from pipeline.configuration.config import Config
from pipeline.configuration.file import load_config
from pipeline.errors import RunsError
from tests.serving.toy_models import save_toy

REPOSITORY = Path(__file__).resolve().parents[2]
SMALL = {"users": 60, "shows": 50, "days": 4, "warmup_days": 2, "impressions": 400}


def coldcast(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = "from pipeline.command_line.main import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a config `c.yaml` and its simulated `logs`."""
    folder = tmp_path_factory.mktemp("commands")
    config = {
        "name": "small",
        "logs": f"{folder}/logs",
        "root": f"{folder}/root",
        "simulation": {"preset": "tiny"} | SMALL,
        "split": {"validation_days": 1, "test_days": 1},
    }
    (folder / "c.yaml").write_text(json.dumps(config))
    made = coldcast("simulate", "-c", f"{folder}/c.yaml")
    assert made.returncode == 0, made.stderr
    assert "simulated" in made.stdout
    return folder


def refused(finished: subprocess.CompletedProcess[str], message: str) -> None:
    """One sentence that says what was wrong, and no traceback."""
    assert finished.returncode == 1
    assert finished.stderr.startswith("Error: "), finished.stderr
    assert message in finished.stderr
    assert finished.stderr.count("\n") == 1
    assert "Traceback" not in finished.stdout


def test_simulated_logs_are_not_overwritten(folder: Path):
    finished = coldcast("simulate", "-c", f"{folder}/c.yaml")
    refused(finished, f"{folder}/logs")
    assert finished.stdout == "", "no empty line in place of a bar"


def test_check_logs_shows_the_tables_of_good_logs(folder: Path):
    checked = coldcast("check-logs", "-c", f"{folder}/c.yaml")
    assert checked.returncode == 0, checked.stderr
    assert "These logs can be ingested." in checked.stdout


def test_check_logs_names_every_problem_and_its_type_in_full(folder: Path, tmp_path: Path):
    shutil.copytree(folder / "logs", tmp_path / "logs")
    shutil.rmtree(tmp_path / "logs" / "users")
    file = next((tmp_path / "logs" / "shows").rglob("*.parquet"))
    pl.read_parquet(file).with_columns(pl.lit(1).cast(pl.Datetime("us", "UTC")).alias("release_date")).write_parquet(
        file
    )
    checked = coldcast("check-logs", "-c", f"{folder}/c.yaml", "--logs", f"{tmp_path}/logs")
    assert checked.returncode == 1
    assert "table users is missing" in checked.stdout
    assert "timestamp[us, tz=UTC]" in checked.stdout


def test_ingest_writes_what_a_person_can_look_at(folder: Path, tmp_path: Path):
    done = coldcast("ingest", "-c", f"{folder}/c.yaml", "--out", f"{tmp_path}/out")
    assert done.returncode == 0, done.stderr
    counts = json.loads((tmp_path / "out" / "accounting.json").read_text())["impressions"]
    labelled = pl.read_parquet(tmp_path / "out" / "labelled" / "*.parquet")
    assert len(labelled) == counts["labelled"] > 0
    assert counts["in"] == sum(count for name, count in counts.items() if name != "in")
    assert {"stream", "stream_tier", "less_streamed", "user_hours_30d", "creative_format"} <= set(labelled.columns)


def test_ingest_shows_which_stage_it_is_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shown: list[str] = []
    monkeypatch.setattr(Status, "update", lambda _self, line: shown.append(line))

    def ingested(*_args, progress):
        progress("read")
        progress("days")
        return {}

    monkeypatch.setattr("components.ingestion.run.ingest", ingested)
    ingest(out="out", logs="there", overrides=[f"root={tmp_path}"])
    assert shown == ["ingesting there: read", "ingesting there: days"]


def test_ingest_warns_of_what_it_does_not_read(folder: Path, tmp_path: Path):
    shutil.copytree(folder / "logs", tmp_path / "logs")
    day = min((tmp_path / "logs" / "users").iterdir())
    shutil.copy(next(day.glob("*.parquet")), day / "part-0")
    ingested = coldcast("ingest", "-c", f"{folder}/c.yaml", "--logs", f"{tmp_path}/logs", "--out", f"{tmp_path}/out")
    assert f"warning: {day}/part-0 is not read" in ingested.stdout


def test_checking_logs_leaves_nothing_where_nothing_has_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(typer.Exit):
        check_logs(logs="nowhere")
    assert list(tmp_path.iterdir()) == []


def test_logs_that_are_named_are_not_read_by_the_config_of_the_default_world():
    assert config_for_logs(None, "mine", None) == Config(logs="mine")
    assert config_for_logs(None, "mine", ["seed=1"]) == Config(logs="mine", seed=1)
    default = load_config(REPOSITORY / "configs/default.yaml")
    assert config_for_logs(None, None, None) == default
    assert config_for_logs(str(REPOSITORY / "configs/default.yaml"), "mine", None) == default.model_copy(
        update={"logs": "mine"}
    )


def test_ingest_writes_into_no_folder_that_holds_something_else(folder: Path, tmp_path: Path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").touch()
    refused(coldcast("ingest", "-c", f"{folder}/c.yaml", "--out", f"{tmp_path}/out"), "thesis.tex")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("command", ["ingest", "run"])
def test_logs_that_are_not_there_are_one_sentence(folder: Path, tmp_path: Path, command: str):
    out = ["--out", f"{tmp_path}/out"] if command == "ingest" else []
    overrides = ["--set", f"logs={tmp_path}/nowhere"]  # the config could simulate them: a mistyped path is not asking
    message = (
        f"{tmp_path}/nowhere" if command == "ingest" else f"coldcast simulate -c {folder}/c.yaml {' '.join(overrides)}"
    )
    finished = coldcast(command, "-c", f"{folder}/c.yaml", *out, *overrides)
    refused(finished, message)
    assert "the messages of the libraries" not in finished.stdout, "no node has failed"


def test_an_error_inside_a_node_is_one_sentence(folder: Path, tmp_path: Path):
    shutil.copytree(folder / "logs", tmp_path / "logs")
    for file in (tmp_path / "logs" / "impressions").rglob("*.parquet"):
        pl.read_parquet(file).filter(pl.col("source") == "ad").write_parquet(file)
    overrides = ["--set", f"logs={tmp_path}/logs", "--set", f"root={tmp_path}/root"]
    finished = coldcast("run", "-c", f"{folder}/c.yaml", *overrides)
    refused(finished, "has none of source 'promotion'")
    assert f"the run stopped; the messages of the libraries are in {tmp_path}/root/messages/run-" in finished.stdout


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (None, "export COLDCAST_CONFIG="),
        ("nowhere.yaml", "nowhere.yaml is neither a file nor the name of a shipped config"),
        ({"logs": "nowhere"}, "there are no logs in nowhere"),
        ({"logs": "LOGS", "simulation": {"preset": "tiny", "seed": 8} | SMALL}, "another `simulation` section"),
        ({"logs": "LOGS", "beam": {"args": ["--runner=Nope"]}}, "Beam has no runner Nope"),
    ],
)
def test_tfx_s_command_line_gets_one_sentence_too(folder: Path, tmp_path: Path, config, message: str):
    environment = {name: value for name, value in os.environ.items() if name != "COLDCAST_CONFIG"}
    if isinstance(config, dict):
        text = json.dumps({"name": "small", "root": f"{tmp_path}/root"} | config).replace("LOGS", f"{folder}/logs")
        (tmp_path / "c.yaml").write_text(text)
        config = f"{tmp_path}/c.yaml"
    if config:
        environment["COLDCAST_CONFIG"] = config
    script = [sys.executable, "pipeline/runners/tfx_cli.py"]
    finished = subprocess.run(script, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)
    refused(finished, message)


def test_a_world_of_another_seed_is_refused(folder: Path):
    refused(coldcast("run", "-c", f"{folder}/c.yaml", "--set", "simulation.seed=8"), "another `simulation` section")


def test_a_damaged_metadata_store_is_named(folder: Path, tmp_path: Path):
    (tmp_path / "metadata.sqlite").write_text("garbage")
    for command in (["run"], ["runs", "list"]):
        message = f"{tmp_path}/metadata.sqlite is not a metadata store, or it is damaged; move it away"
        refused(coldcast(*command, "-c", f"{folder}/c.yaml", "--set", f"root={tmp_path}"), message)


def test_a_folder_for_slices_that_is_not_there_is_told_before_anything_is_read(tmp_path: Path):
    with pytest.raises(RunsError, match=rf"^--csv {tmp_path}/no/s.csv: there is no folder {tmp_path}/no; make it"):
        show_slices(out=tmp_path / "no" / "s.csv", overrides=[f"root={tmp_path}"])
    with pytest.raises(RunsError, match="nothing has run yet"):
        show_slices(out=tmp_path / "s.csv", overrides=[f"root={tmp_path}"])


def test_commands_that_need_a_run_say_so(folder: Path):
    refused(coldcast("runs", "list", "-c", f"{folder}/c.yaml", "--set", "root=nowhere"), "nothing has run yet")
    refused(coldcast("serve", "-c", f"{folder}/c.yaml"), "There is no model directory")


def test_score_without_a_server_and_serve_on_a_port_in_use(folder: Path, tmp_path: Path):
    request = tmp_path / "request.json"
    request.write_text('{"request": {}, "candidates": {"show_id": ["s"]}}')
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        options = ["-c", f"{folder}/c.yaml", "--set", f"serving.port={port}", "--set", "serving.timeout_seconds=1"]
        refused(coldcast("score", *options, "--request", str(request)), str(port))
        taken.listen()
        (tmp_path / "models").mkdir()
        refused(coldcast("serve", *options, "--models", f"{tmp_path}/models"), str(port))


def test_serve_says_where_its_log_is_and_which_versions_it_serves(folder: Path, tmp_path: Path):
    models = tmp_path / "models"
    save_toy(models / "1", 1.0)
    (models / "2").mkdir()
    (models / "2" / "saved_model.pb").touch()
    code = "from pipeline.command_line.main import main; main()"
    options = ["-c", f"{folder}/c.yaml", "--models", str(models), "--set", f"root={tmp_path}/root"]
    options += ["--set", "serving.port=0", "--set", "serving.poll_seconds=0.1", "--set", "serving.settle_seconds=0.1"]
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code, "serve", *options], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    ) as serving:
        assert serving.stdout is not None
        lines = [serving.stdout.readline() for _ in range(3)]
        save_toy(tmp_path / "3", 3.0).rename(models / "3")
        lines.append(serving.stdout.readline())
        serving.send_signal(signal.SIGINT)
    assert serving.returncode == 0
    reason = f"{models}/2/saved_model.pb is empty; copy or export the model again."
    assert lines[0] == f"version 2 does not load and is not served: {reason}\n"
    assert re.fullmatch(r"serving coldcast version 1 on 127\.0\.0\.1:\d+; Ctrl-C stops it\n", lines[1])
    log = re.fullmatch(r"new versions are reported here, everything else goes to (.*serve\.log)\n", lines[2])
    assert log is not None
    assert "Serving version 3" in (REPOSITORY / log[1]).read_text()
    assert lines[3] == "now serving version 3\n"


@pytest.mark.parametrize(("out", "message"), [("/dev/null/x", "/dev/null/x: "), ("FOLDER/c.yaml", "/c.yaml is a file")])
def test_a_folder_that_cannot_be_written_is_one_sentence(folder: Path, out: str, message: str):
    out = out.replace("FOLDER", str(folder))
    refused(coldcast("ingest", "-c", f"{folder}/c.yaml", "--out", out), message)
