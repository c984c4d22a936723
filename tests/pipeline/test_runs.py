"""Reading runs from ML Metadata, and the traces that a killed run leaves there."""

import io
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console
from tfx.dsl.component.experimental.annotations import OutputArtifact
from tfx.dsl.component.experimental.decorators import component
from tfx.orchestration.metadata import Metadata, sqlite_metadata_connection_config
from tfx.orchestration.pipeline import Pipeline
from tfx.types.standard_artifacts import ExampleStatistics

from pipeline import execute, runs
from pipeline.configuration.config import Config
from pipeline.errors import RunsError
from pipeline.metadata.records import RunNotes
from pipeline.runners import local
from pipeline.runs import find_run, list_runs, newest_output, write_notes
from pipeline.terminal import quiet, summary


@component
def First(statistics: OutputArtifact[ExampleStatistics]) -> None:  # noqa: N802
    Path(statistics.uri).mkdir(parents=True, exist_ok=True)


@component
def Second() -> None:  # noqa: N802
    pass


class KilledError(Exception):
    pass


class KillBetweenNodes(logging.Handler):
    error: type[BaseException] = KilledError

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg == "Component %s is running." and record.args == ("Second",):
            raise self.error


@pytest.fixture
def killer() -> Iterator[None]:
    handler = KillBetweenNodes(logging.INFO)
    logging.getLogger("absl").addHandler(handler)
    yield
    logging.getLogger("absl").removeHandler(handler)


def run(config: Config, notes: RunNotes | None = None) -> str:
    """Runs two nodes, one after the other, as the pipeline of `config`; nothing is cached."""
    first, second = First(), Second()
    second.add_upstream_node(first)
    pipeline = Pipeline(
        config.name,
        f"{config.root}/artifacts",
        components=[first, second],
        metadata_connection_config=sqlite_metadata_connection_config(str(config.metadata)),
    )
    with quiet.into(config.messages / "log"):
        return local.run(pipeline, Console(file=io.StringIO()), notes)


def test_a_run_that_died_between_two_nodes_is_unfinished(tmp_path: Path, killer: None):
    config = Config(root=str(tmp_path))
    with pytest.raises(KilledError):
        run(config, RunNotes(command="coldcast run", log="a.log"))
    (died,) = list_runs(config)
    assert died.notes == RunNotes("coldcast run", "a.log", "KilledError, a bug: its traceback is in the log")
    assert not died.trial
    assert [(node.id, node.state) for node in died.nodes] == [("First", "complete")]
    assert died.state == "unfinished"


def test_a_run_that_reached_its_end_is_complete(tmp_path: Path):
    config = Config(root=str(tmp_path))
    run_id = run(config, RunNotes(command="coldcast run -c x.yaml"))
    ended = find_run(config)
    assert ended.id == run_id
    assert ended.notes == RunNotes(command="coldcast run -c x.yaml")
    assert ended.trial, "it has no pusher"
    assert [(node.id, node.state) for node in ended.nodes] == [("First", "complete"), ("Second", "complete")]
    assert ended.state == "complete"
    (uri,) = ended.outputs("First", "statistics")
    assert Path(uri).is_dir()
    assert newest_output(config, "First", "statistics") == uri


def test_a_store_without_tables_is_no_traceback(tmp_path: Path):
    config = Config(root=str(tmp_path))
    config.metadata.touch()  # a run that was killed at its very beginning leaves an empty file
    with pytest.raises(RunsError, match=r"^nothing has run yet: there is no metadata store"):
        list_runs(config)
    run(config)
    with sqlite3.connect(config.metadata) as store:
        store.execute("drop table ParentContext")
    with pytest.raises(RunsError, match=rf"^{config.metadata} cannot be read: .*; use the version that wrote") as error:
        list_runs(config)
    assert "\n" not in str(error.value)


def test_a_run_of_which_no_node_began_gets_no_notes(tmp_path: Path):
    config = Config(root=str(tmp_path))
    run(config)
    with Metadata(sqlite_metadata_connection_config(str(config.metadata))) as metadata:
        write_notes(metadata.store, "no-such-run", RunNotes(error="x"), ended=False)
    assert [other.notes.error for other in list_runs(config)] == [""]


def test_an_error_of_the_store_does_not_hide_the_error_of_a_node(tmp_path: Path, killer: None, monkeypatch):
    monkeypatch.setattr(local, "write_notes", lambda *_args, **_named: 1 / 0)
    with pytest.raises(KilledError):
        run(Config(root=str(tmp_path)))


def test_an_interrupted_run_has_a_note(tmp_path: Path, killer: None, monkeypatch):
    monkeypatch.setattr(KillBetweenNodes, "error", KeyboardInterrupt)
    config = Config(root=str(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        run(config)
    assert find_run(config).notes.error == "it was interrupted"


def test_pipelines_that_share_a_root_do_not_see_each_others_runs(tmp_path: Path):
    first, other = (Config(name=name, root=str(tmp_path)) for name in ("first", "other"))
    run(first)
    with pytest.raises(RunsError, match=rf"^no run of other in {tmp_path}/metadata.sqlite; it has runs of first: name"):
        find_run(other)
    run(other)
    (of_first,), (of_other,) = list_runs(first), list_runs(other)
    assert of_first.started < of_other.started
    assert find_run(first) == of_first
    assert find_run(other, of_other.id[:22]) == of_other
    with pytest.raises(RunsError, match=rf"^no run {of_first.id} of other in "):
        find_run(other, of_first.id)
    with pytest.raises(RunsError, match=r"^the id of a run is empty; give the beginning of an id, or leave it out"):
        find_run(other, "")
    assert "/first/" not in newest_output(other, "First", "statistics")
    assert newest_output(first, "First", "statistics") == of_first.outputs("First", "statistics")[0]


def test_only_the_requested_run_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    config = Config(root=str(tmp_path))
    run(config)
    run(config)
    first, second = list_runs(config)
    names = []
    read_run = runs.read_run

    def counted(store, pipeline, context):
        names.append(context.name)
        return read_run(store, pipeline, context)

    monkeypatch.setattr(runs, "read_run", counted)
    assert find_run(config) == second
    assert find_run(config, first.id) == first
    with pytest.raises(RunsError, match="fits 2 runs"):
        find_run(config, first.id[:4])
    newest_output(config, "First", "statistics")
    assert names == [second.id, first.id, second.id]


def test_where_nothing_ran_the_error_has_the_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RunsError, match=rf"there is no metadata store {tmp_path}/work/a/metadata.sqlite; .*relative"):
        list_runs(Config(name="a"))


def test_a_run_reports_on_itself_and_not_on_one_that_began_since(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "logs/impressions/date=2026-01-01/a.parquet"
    file.parent.mkdir(parents=True)
    file.touch()
    config = Config(root=str(tmp_path))
    own, _ = run(config), run(config)
    shown: list[str] = []
    monkeypatch.setattr(execute, "checked_pipeline", lambda *_args: None)
    monkeypatch.setattr(execute, "score_sample", lambda _config, _console: None)
    monkeypatch.setattr(local, "run", lambda *_args: own)
    monkeypatch.setattr(summary, "show_summary", lambda _console, _config, run: shown.append(run.id))
    monkeypatch.setattr(summary, "is_published", lambda _config: True)
    screen = io.StringIO()
    execute.run_all(config, Console(file=screen), sample=True, simulate=False, typed=("c.yaml", []))
    assert shown == [own]
    message = "This run's model is not published: the sample is scored by the published version."
    assert message in screen.getvalue(), "neither of the two nodes is a pusher"
