"""`coldcast runs clean`: what only old runs need goes, and what a kept run or the next run needs stays."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.components.base.base_node import BaseNode
from tfx.orchestration.metadata import sqlite_metadata_connection_config
from tfx.orchestration.pipeline import Pipeline
from tfx.types.standard_artifacts import ExampleStatistics, Model, ModelBlessing

from components.gates.artifacts import Passed
from components.ingestion.component import Ingestion
from components.split.component import TemporalSplit
from components.split.config import SplitConfig
from files.removal import remove
from logs.fingerprint import fingerprint
from logs.location import write_location
from pipeline import cleaning
from pipeline.afterwards import clean_up
from pipeline.cleaning import KEPT_KINDS, clean
from pipeline.configuration.config import Config
from pipeline.errors import RunsError
from pipeline.locks import running
from pipeline.metadata.records import Run, RunNotes
from pipeline.report.places import report_folder
from pipeline.runners import local
from pipeline.runs import find_run, list_runs
from pipeline.terminal import quiet
from pipeline.terminal.run_tables import show_nodes, show_removed
from tests.components.ingestion.random_logs import write_logs
from tests.components.ingestion.some_logs import at, impression, interaction, logs_of


@component
def Train(model: OutputArtifact[Model], number: Parameter[int]) -> None:  # noqa: N802
    Path(model.uri, "model").parent.mkdir(parents=True, exist_ok=True)
    Path(model.uri, "model").write_text(str(number))


@component
def Judge(model: InputArtifact[Model], blessing: OutputArtifact[ModelBlessing], good: Parameter[int]) -> None:  # noqa: N802
    Path(blessing.uri).mkdir(parents=True, exist_ok=True)
    blessing.set_int_custom_property("blessed", good)
    blessing.set_int_custom_property("current_model_id", model.id)


@component
def Count(statistics: OutputArtifact[ExampleStatistics], number: Parameter[int]) -> None:  # noqa: N802
    Path(statistics.uri).mkdir(parents=True, exist_ok=True)


@component
def Gate(statistics: InputArtifact[ExampleStatistics], passed: OutputArtifact[Passed]) -> None:  # noqa: N802
    Path(passed.uri).mkdir(parents=True, exist_ok=True)
    passed.statistics_id = statistics.id


def run(config: Config, nodes: Sequence[BaseNode]) -> Run:
    pipeline = Pipeline(
        config.name,
        f"{config.home}/artifacts",
        components=list(nodes),
        enable_cache=True,
        metadata_connection_config=sqlite_metadata_connection_config(str(config.metadata)),
        beam_pipeline_args=list(config.beam.args),
    )
    with quiet.into(config.messages / f"{len(list(config.messages.glob('*')))}.log") as log:
        run_id = local.run(pipeline, Console(file=io.StringIO()), RunNotes(log=str(log)))
    return find_run(config, run_id)


def model_nodes(number: int, *, good: bool) -> list[BaseNode]:
    """A model that is blessed if `good`, and statistics that pass if `good`."""
    train, count = Train(number=number).with_id("Trainer.joint"), Count(number=number)
    judge = Judge(model=train.outputs["model"], good=int(good)).with_id("Evaluator.joint")
    gate = [Gate(statistics=count.outputs["statistics"]).with_id("AnomalyGate")] if good else []
    return [train, judge, count, *gate]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(name="c", root=str(tmp_path / "root"))


@dataclass
class Daily:
    """Logs that grow by a day, with a run of ingestion and the temporal split on each."""

    config: Config

    def run(self, last_day: int) -> Run:
        days = range(last_day + 1)
        shown = [
            impression(f"{source}{day}", at(day, 8), source=source) for day in days for source in ("ad", "promotion")
        ]
        acts = [interaction(f"x{day}", at(day, 9), "stream") for day in days]
        logs = write_logs(logs_of(shown, acts, last_day=last_day), Path(self.config.logs), plain=True)
        location = write_location(logs, fingerprint(logs), f"{self.config.home}/locations")
        kept = f"{self.config.home}/kept"
        domain, features = self.config.domain, self.config.feature_table
        ingestion = Ingestion(location, self.config.ingestion, domain, features, kept)
        split = TemporalSplit(
            days=ingestion.outputs["examples"],
            accounting=ingestion.outputs["accounting"],
            **SplitConfig(test_days=1, validation_days=1).parameters(),
        )
        return run(self.config, [ingestion, split])

    @property
    def kept_days(self) -> set[str]:
        return {path.name for path in Path(self.config.home, "kept/days").glob("*.json")}


def folders(run: Run) -> dict[str, bool]:
    """Whether the folder of each output of a run is there, by node and key."""
    return {
        f"{node.id}.{key}": Path(output.uri).exists()
        for node in run.nodes
        for key, outputs in node.outputs.items()
        for output in outputs
    }


def test_what_only_older_runs_need_goes_and_the_next_runs_find_what_they_need(config: Config):
    daily = Daily(config)
    runs = [daily.run(last_day) for last_day in (4, 5, 6)]
    reports = [report_folder(config, run.id) / "report.html" for run in runs]
    for page in reports:
        page.parent.mkdir(parents=True)
        page.write_text("a page")
    before = daily.kept_days
    would = clean(config, 1, dry_run=True)
    assert all(all(folders(run).values()) for run in runs), "a dry run removes nothing"
    used = disk_space(config)
    removed = clean(config, 1)
    assert removed == would
    assert used - disk_space(config) == removed.freed > 0
    assert removed.runs == 2
    assert removed.artifacts == {"Ingestion": 6, "TemporalSplit": 2}
    assert daily.kept_days < before, "days whose labels changed since then"
    old, _, new = (find_run(config, run.id) for run in runs)
    assert not any(folders(old).values())
    assert all(folders(new).values())
    assert old.outputs("Ingestion", "examples") == ()
    screen = Console(file=io.StringIO(), width=300)
    show_nodes(screen, old)
    assert "(removed)" in screen.file.getvalue()  # type: ignore[attr-defined]
    assert not Path(old.notes.log).exists()
    assert [page.parent.exists() for page in reports] == [False, False, True]

    assert [node.state for node in daily.run(6).nodes] == ["cached", "cached"]
    before = daily.kept_days
    assert daily.run(7).state == "complete"
    assert len(daily.kept_days - before) == 2, "the new day, and the one before it, which is mature now"
    assert clean(config, 3).artifacts == {}, "three runs are kept, and nothing else is left"


def test_the_last_blessed_model_and_the_last_passed_statistics_stay(config: Config):
    run(config, model_nodes(1, good=True))
    run(config, model_nodes(2, good=False))
    run(config, model_nodes(3, good=False))
    clean(config, 1)
    first, second, third = list_runs(config)
    assert all(folders(first).values()), "a next run is compared with them"
    assert not any(folders(second).values())
    assert all(folders(third).values())


def test_artifacts_that_a_kept_run_took_from_the_cache_stay(config: Config):
    run(config, model_nodes(1, good=False))
    run(config, model_nodes(2, good=False))
    again = run(config, model_nodes(1, good=False))
    assert again.state == "cached"
    clean(config, 1)
    assert all(folders(again).values())
    assert not any(folders(list_runs(config)[1]).values())
    assert run(config, model_nodes(1, good=False)).state == "cached"
    assert run(config, model_nodes(2, good=False)).state == "complete", "TFX takes no removed artifact from the cache"


def test_another_pipeline_in_the_same_root_keeps_what_it_has(config: Config):
    other = Daily(config.model_copy(update={"name": "other"}))
    with_other = other.run(4)
    daily = Daily(config)
    daily.run(4)
    daily.run(5)
    kept = daily.kept_days
    clean(config, 1)
    assert all(folders(with_other).values())
    assert daily.kept_days == kept, "the other run has used the days that only the older run used here"


def test_fewer_whole_runs_than_to_keep_remove_nothing(config: Config):
    first = run(config, model_nodes(1, good=False))
    removed = clean(config, 2)
    assert (removed.runs, removed.artifacts) == (0, {})
    assert all(folders(first).values())
    screen = Console(file=io.StringIO())
    show_removed(screen, clean(config, 2), dry_run=False)
    assert screen.file.getvalue() == "nothing to remove\n"  # type: ignore[attr-defined]


def clean_killed_after(monkeypatch: pytest.MonkeyPatch, config: Config, count: int) -> list[Path]:
    """A clean-up that is killed when it has removed the first `count` files and folders; the paths that it had left."""
    left: list[Path] = []

    def killed(paths: Sequence[Path]) -> None:
        remove(paths[:count])
        left.extend(paths[count:])
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(cleaning, "remove", killed)
        clean(config, 1)
    return left


def test_a_killed_clean_up_leaves_no_record_without_its_files(config: Config, monkeypatch):
    daily = Daily(config)
    for last_day in (4, 5, 6):
        daily.run(last_day)
    kept = Path(config.home, "kept")
    assert {path.parent.name for path in kept.glob("*/*") if path.is_file()} == set(KEPT_KINDS), (
        "a clean-up looks at every kind"
    )
    # The files of each record that is kept; several kinds have some.
    records = {path: files_of(path) for path in kept.glob("*/*.json")}
    would = clean(config, 1, dry_run=True)
    assert would.results > 0
    count = 0
    while clean_killed_after(monkeypatch, config, count):
        present = {record: files for record, files in records.items() if record.exists()}
        assert present == {record: files_of(record) for record in present}
        count = 1
    assert len(records) - len(list(kept.glob("*/*.json"))) > 0
    assert daily.run(7).state == "complete"


def files_of(record: Path) -> set[str]:
    """The names of the files of a kept result."""
    return {path.name for path in record.parent.glob(f"{record.stem}*") if path != record}


def test_a_clean_up_that_was_killed_is_finished_by_the_next(config: Config, monkeypatch):
    run(config, model_nodes(1, good=False))
    run(config, model_nodes(2, good=False))
    clean_killed_after(monkeypatch, config, 0)
    assert run(config, model_nodes(1, good=False)).state == "complete", "files of removed artifacts are not used again"
    first = list_runs(config)[0]
    assert all(folders(first).values())
    clean(config, 2)
    assert not any(folders(first).values())


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_root_that_has_no_runs_stays_as_it_is(config: Config, dry_run: bool):
    with pytest.raises(RunsError, match="nothing has run yet"):
        clean(config, 1, dry_run=dry_run)
    assert not Path(config.root).exists()


def test_nothing_is_removed_while_a_run_uses_the_root(config: Config):
    run(config, model_nodes(1, good=False))
    run(config, model_nodes(2, good=False))
    loose = config.model_copy(update={"runs": config.runs.model_copy(update={"keep": 1})})
    screen = Console(file=io.StringIO(), width=300)
    with running(Path(config.home)):
        with pytest.raises(RunsError, match=r"a run uses .*: wait until it ends"):
            clean(config, 1)
        clean_up(loose, screen)
    assert "warning: old runs were not removed: a run uses" in screen.file.getvalue()  # type: ignore[attr-defined]
    assert all(folders(list_runs(config)[0]).values())
    clean_up(config, screen)
    assert all(folders(list_runs(config)[0]).values()), "runs.keep is null"
    clean_up(loose, screen)
    assert not any(folders(list_runs(config)[0]).values())


def test_left_overs_of_killed_runs_go_and_results_of_the_newest_run_stay(config: Config):
    daily = Daily(config)
    run_of_day = daily.run(4)
    kept = Path(config.home, "kept")
    partial = kept / "days" / f".{'0' * 32}.partial"
    old, new = (kept / "days" / f"{digit * 32}.json" for digit in "12")
    for path in (partial, old, new):
        path.write_text("{}")
    os.utime(old, (1, 1))
    scratch = Path(config.home, "artifacts/Ingestion/.system/executor_execution/1/.temp")
    scratch.mkdir(parents=True)
    removed = clean(config, 1)
    assert (removed.results, removed.files) == (1, 2 + 1)
    assert not partial.exists()
    assert not old.exists()
    assert new.exists(), "a killed run may have written it"
    assert not scratch.exists()
    assert all(folders(run_of_day).values())


def disk_space(config: Config) -> int:
    """Bytes of all files below the root that a clean-up may remove; a file with several names counts once."""
    home = Path(config.home)
    files = [
        path
        for name in ("artifacts", "kept", "messages", "reports")
        for path in (home / name).rglob("*")
        if path.is_file()
    ]
    return sum({path.stat().st_ino: path.stat().st_size for path in files}.values())


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
