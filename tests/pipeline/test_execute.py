import io
from datetime import datetime, timezone
from pathlib import Path

import pytest
import typer
from apache_beam.io.filesystems import FileSystems
from rich.console import Console

from logs.errors import LogError
from logs.listing import list_logs
from pipeline.afterwards import score_sample
from pipeline.command_line.logs import check_logs, ingest
from pipeline.configuration.config import Config
from pipeline.configuration.file import load_config
from pipeline.errors import ConfigError
from pipeline.execute import provide_logs, run_all
from pipeline.metadata.records import Node, Run
from serving.config import ServingConfig
from tests.components.ingestion.object_store import ObjectStore
from tests.components.ingestion.random_logs import random_logs, write_logs
from tests.components.ingestion.some_logs import at, impression, write_some


def test_logs_are_found_on_a_disk_and_in_an_object_store(tmp_path):
    logs = write_logs(random_logs(4, 4, 0.0), tmp_path / "logs")
    for root in ("", f"{ObjectStore.scheme()}:/"):
        assert not list_logs(f"{root}{logs}").empty
        assert list_logs(f"{root}{tmp_path}/nowhere").empty


def test_a_run_names_missing_days_as_the_other_commands_do(tmp_path: Path):
    logs = write_some(tmp_path / "logs", [impression("i", at(0))], [], last_day=2, missing=[1])
    written = io.StringIO()
    screen = Console(file=written, width=80)
    provide_logs(load_config(None, [f"logs={logs}"]), screen, simulate=False, typed=("c.yaml", []))
    assert written.getvalue().startswith(
        "warning: interactions: 1 day between the first and the last has no partition: 2026-01-02; runs leave out"
    )


@pytest.mark.parametrize("read", ["check-logs", "ingest", "run"])
def test_beam_s_arguments_reach_its_filesystems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: str):
    """HDFS and S3 read their options when they are made, which is before any pipeline is."""
    seen = []

    def made(_self, pipeline_options):
        seen.append(pipeline_options and pipeline_options.get_all_options()["hdfs_host"])

    monkeypatch.setattr(FileSystems, "_pipeline_options", None)
    monkeypatch.setattr(ObjectStore, "__init__", made)
    overrides = [f"logs=objects:/{tmp_path}/logs", f"root={tmp_path}", "beam.args=[--hdfs_host=here]"]
    with pytest.raises((ConfigError, LogError, typer.Exit)):
        if read == "check-logs":
            check_logs(overrides=overrides)
        elif read == "ingest":
            ingest(out=f"{tmp_path}/out", overrides=overrides)
        else:
            run_all(load_config(None, overrides), Console(), sample=False, simulate=False, typed=("c.yaml", []))
    assert set(seen) == {"here"}


def test_a_sample_is_scored_on_this_machine_whatever_certificates_the_config_names(monkeypatch: pytest.MonkeyPatch):
    configs: list[ServingConfig] = []

    def made(config, _models):
        configs.append(config)
        raise ConfigError("enough")

    monkeypatch.setattr("serving.server.Server", made)
    names = {"host": "models.example.com", "tls_certificate": "a.pem", "tls_key": "a.key", "tls_ca": "ca.pem"}
    score_sample(Config(serving=ServingConfig(**names)), Console(file=io.StringIO()))
    assert configs == [ServingConfig(host="127.0.0.1", port=0)]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConfigError("the port is in use"), "the port is in use"),
        (KeyError("slot"), "KeyError, a bug: its traceback is in the log of the libraries"),
    ],
)
def test_an_error_of_the_sample_is_one_warning(monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str):
    def raises(*_args):
        raise error

    monkeypatch.setattr("serving.server.Server", raises)
    screen = io.StringIO()
    score_sample(Config(), Console(file=screen, width=200))
    assert screen.getvalue() == f"warning: the sample was not scored: {reason}\n"


def test_a_folder_of_versions_that_cannot_be_listed_is_one_warning_after_a_good_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def no_listing(*_args):
        raise OSError("access denied")

    good = Run("r1", datetime(2026, 1, 1, tzinfo=timezone.utc), (Node("Transform", "complete", 1.0),), ended=True)
    monkeypatch.setattr("pipeline.execute.provide_logs", lambda *_args, **_names: None)
    monkeypatch.setattr("pipeline.execute.checked_pipeline", lambda *_args: None)
    monkeypatch.setattr("pipeline.execute.find_run", lambda *_args: good)
    monkeypatch.setattr("pipeline.runners.local.run", lambda *_args: "r1")
    monkeypatch.setattr(FileSystems, "match", no_listing)
    screen = io.StringIO()
    config = Config(root=str(tmp_path))
    run_all(config, Console(file=screen, width=500), sample=True, simulate=False, typed=("c.yaml", []))
    assert f"warning: cannot see whether a model is published in {config.models}: " in screen.getvalue()
