import io
from pathlib import Path

import pytest
import typer
from apache_beam.io.filesystems import FileSystems
from rich.console import Console

from logs.errors import LogError
from logs.listing import list_logs
from pipeline.command_line.logs import check_logs, ingest
from pipeline.command_line.options import as_typed
from pipeline.configuration.config import Config
from pipeline.configuration.file import load_config
from pipeline.errors import ConfigError
from pipeline.execute import _score_sample, checked_pipeline, run_all, show_next_steps
from serving.config import ServingConfig
from simulation.config import SimulationConfig
from tests.components.ingestion.object_store import ObjectStore
from tests.components.ingestion.random_logs import random_logs, write_logs


def test_logs_are_found_on_a_disk_and_in_an_object_store(tmp_path):
    logs = write_logs(random_logs(4, 4, 0.0), tmp_path / "logs")
    for root in ("", f"{ObjectStore.scheme()}:/"):
        assert not list_logs(f"{root}{logs}").empty
        assert list_logs(f"{root}{tmp_path}/nowhere").empty


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


def test_a_sample_is_scored_within_this_machine_whatever_certificates_the_config_names(monkeypatch: pytest.MonkeyPatch):
    asked: list[ServingConfig] = []

    def made(config, _models):
        asked.append(config)
        raise ConfigError("enough")

    monkeypatch.setattr("serving.server.Server", made)
    names = {"host": "models.example.com", "tls_certificate": "a.pem", "tls_key": "a.key", "tls_ca": "ca.pem"}
    with pytest.raises(ConfigError, match="enough"):
        _score_sample(Config(serving=ServingConfig(**names)), Console())
    assert asked == [ServingConfig(host="127.0.0.1", port=0)]


def next_steps(overrides: list[str], *, served: bool) -> str:
    screen = Console(file=io.StringIO(), width=40)
    show_next_steps(Config(), ("c.yaml", overrides), screen, served=served)
    return screen.file.getvalue()


def test_commands_to_try_next_are_shown_as_they_are_typed():
    shown = next_steps(["features.groups=[user, content]", "name=a"], served=True)
    assert "coldcast runs show -c c.yaml --set 'features.groups=[user, content]' --set name=a\n" in shown


def test_commands_to_try_next_have_the_options_that_they_need_once():
    shown = next_steps(["trainer.epochs=2", "name=a", "features.groups=[user]", "name=b"], served=True)
    assert "coldcast serve -c c.yaml --set name=b\n" in shown
    assert "coldcast score -c c.yaml --set 'features.groups=[user]' --set name=b\n" in shown
    trial = "--set 'features.groups=[user]' --set name=b --set trainer.epochs=3 --set pusher.enabled=false"
    assert f"coldcast run -c c.yaml {trial}\n" in shown


def test_an_override_stays_behind_those_of_the_section_that_it_is_in():
    typed = as_typed("c.yaml", ["trainer.epochs=1", "trainer={}", "trainer.epochs=2"])
    assert typed == "-c c.yaml --set 'trainer={}' --set trainer.epochs=2"


def test_nobody_is_sent_to_a_server_without_a_model():
    shown = next_steps([], served=False)
    assert "coldcast runs show -c c.yaml\n" in shown
    assert "coldcast serve" not in shown
    assert "coldcast score" not in shown


@pytest.mark.parametrize("text", ["{}", "[]", "{", '{"seed": 7}'])
def test_a_world_that_says_not_what_it_is_of_is_not_used_unseen(tmp_path: Path, text: str):
    (tmp_path / "world.json").write_text(text)
    with pytest.raises(ConfigError, match=r"holds a world of another seed or `simulation` section"):
        checked_pipeline(Config(logs=str(tmp_path), simulation=SimulationConfig()))
