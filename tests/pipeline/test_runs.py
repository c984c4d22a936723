"""What ML Metadata is asked for, and what a run that died leaves in it."""

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
    """Runs two stages, one after the other, as the pipeline of `config`; nothing is cached."""
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


def test_a_run_that_died_between_two_stages_is_unfinished(tmp_path: Path, killer: None):
    config = Config(root=str(tmp_path))
    with pytest.raises(KilledError):
        run(config, RunNotes(command="coldcast run", log="a.log"))
    (died,) = list_runs(config)
    assert died.notes == RunNotes("coldcast run", "a.log", "KilledError, a bug: its traceback is in the log")
    assert not died.trial
    assert [(node.id, node.state) for node in died.nodes] == [("First", "complete")]
    assert died.state == "unfinished"


def test_a_run_that_got_to_its_end_is_complete(tmp_path: Path):
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
    config.metadata.touch()  # as a run leaves it that was killed at its very beginning
    with pytest.raises(RunsError, match=r"^nothing has run yet: there is no metadata store"):
        list_runs(config)
    run(config)
    with sqlite3.connect(config.metadata) as store:
        store.execute("drop table ParentContext")
    with pytest.raises(RunsError, match=rf"^{config.metadata} cannot be read: .*; use the version that wrote") as error:
        list_runs(config)
    assert "\n" not in str(error.value)


def test_a_run_of_which_no_stage_began_is_not_told_of(tmp_path: Path):
    config = Config(root=str(tmp_path))
    run(config)
    with Metadata(sqlite_metadata_connection_config(str(config.metadata))) as metadata:
        write_notes(metadata.store, "no-such-run", RunNotes(error="x"), ended=False)
    assert [one.notes.error for one in list_runs(config)] == [""]


def test_what_hides_in_the_store_hides_no_error_of_a_stage(tmp_path: Path, killer: None, monkeypatch):
    monkeypatch.setattr(local, "write_notes", lambda *_args, **_named: 1 / 0)
    with pytest.raises(KilledError):
        run(Config(root=str(tmp_path)))


def test_an_interrupted_run_says_so(tmp_path: Path, killer: None, monkeypatch):
    monkeypatch.setattr(KillBetweenNodes, "error", KeyboardInterrupt)
    config = Config(root=str(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        run(config)
    assert find_run(config).notes.error == "it was interrupted"


def test_pipelines_that_share_a_root_do_not_see_each_others_runs(tmp_path: Path):
    one, other = (Config(name=name, root=str(tmp_path)) for name in ("one", "other"))
    run(one)
    with pytest.raises(RunsError, match=rf"^no run of other in {tmp_path}/metadata.sqlite; it has runs of one: name"):
        find_run(other)
    run(other)
    (of_one,), (of_other,) = list_runs(one), list_runs(other)
    assert of_one.started < of_other.started
    assert find_run(one) == of_one
    assert find_run(other, of_other.id[:22]) == of_other
    with pytest.raises(RunsError, match=rf"^no run {of_one.id} of other in "):
        find_run(other, of_one.id)
    assert "/one/" not in newest_output(other, "First", "statistics")
    assert newest_output(one, "First", "statistics") == of_one.outputs("First", "statistics")[0]


def test_only_the_run_that_is_asked_for_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    config = Config(root=str(tmp_path))
    run(config)
    run(config)
    first, second = list_runs(config)
    read = []
    of_context = runs.read_run

    def counted(store, pipeline, context):
        read.append(context.name)
        return of_context(store, pipeline, context)

    monkeypatch.setattr(runs, "read_run", counted)
    assert find_run(config) == second
    assert find_run(config, first.id) == first
    with pytest.raises(RunsError, match="fits 2 runs"):
        find_run(config, first.id[:4])
    newest_output(config, "First", "statistics")
    assert read == [second.id, first.id, second.id]


def test_where_nothing_ran_the_whole_path_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
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
    monkeypatch.setattr(execute, "checked_pipeline", lambda _config: None)
    monkeypatch.setattr(execute, "_score_sample", lambda _config, _console: None)
    monkeypatch.setattr(local, "run", lambda *_args: own)
    monkeypatch.setattr(summary, "show_summary", lambda _console, _config, found: shown.append(found.id))
    monkeypatch.setattr(summary, "is_published", lambda _config: True)
    screen = io.StringIO()
    execute.run_all(config, Console(file=screen), sample=True, simulate=False, typed=("c.yaml", []))
    assert shown == [own]
    said = "This run's model is not published: the version that is served is asked."
    assert said in screen.getvalue(), "the two stages have no pusher among them"
