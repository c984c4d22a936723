"""Whole runs on the tiny world, by the commands that a user types. They share a first run, which takes minutes."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pipeline.configuration.file import load_config
from pipeline.metadata.records import Run, RunNotes
from pipeline.outcome.digest import digest
from pipeline.runs import find_run, list_runs
from tests.pipeline.whole_runs import REPOSITORY, aps, began, coldcast, config_of, heads_of, overrides, versions

pytestmark = pytest.mark.slow
NODES = 22


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@dataclass(frozen=True)
class First:
    """The output and the results of the first run, before others run in the same root."""

    output: str
    run: Run
    log: Path
    versions: list[str]


@pytest.fixture(scope="module")
def first(folder: Path) -> First:
    coldcast("simulate", *overrides(folder, "first"))
    hook = f"hooks=[{{command: [tee, {folder}/hook.json]}}]"
    files = ["--json", f"{folder}/outcome.json", "--fail-unless-blessed"]
    output = coldcast("run", *files, *overrides(folder, "first"), "--set", hook)
    config = config_of(folder)
    (log,) = (Path(config.root) / "messages").glob("run-*.log")
    return First(output, find_run(config), log, versions(config))


def test_a_run_ends_with_a_pushed_model_a_summary_and_a_scored_user(folder: Path, first: First):
    assert first.run.state == "complete"
    assert [node.state for node in first.run.nodes] == ["complete"] * NODES
    assert len(first.versions) == 1
    assert "joint: blessed" in first.output
    assert re.search(r"stream +ad +\d\.\d\d% +\d+ +0\.\d{4} \[", first.output)
    hook = f"hooks=[{{command: [tee, {folder}/hook.json]}}]"
    options = shlex.join(["-c", *overrides(folder, "first")[1:], "--set", hook])
    assert f"coldcast runs show {options}\n" in first.output, (
        "the next commands are for this run, not for the config's defaults"
    )
    config = config_of(folder)
    noted = {"settings": digest(config), "logs": config.logs}
    assert first.run.notes == RunNotes(f"coldcast run {options}", str(first.log), **noted)
    assert re.search(
        r"The 10 best of \d+ candidates for one user by promotion_stream, scored over\s+gRPC", first.output
    )


def test_the_outcome_is_written_as_json_and_given_to_the_hook(folder: Path, first: First):
    outcome = json.loads((folder / "outcome.json").read_text())
    assert json.loads((folder / "hook.json").read_text()) == outcome
    assert {key: outcome[key] for key in ("format", "outcome", "pipeline", "run", "state", "error")} == {
        "format": 1,
        "outcome": "blessed",
        "pipeline": "tiny",
        "run": first.run.id,
        "state": "complete",
        "error": None,
    }
    assert outcome["config"] == digest(config_of(folder))
    assert outcome["published"] == {"version": first.run.version, "new": True}
    branches = {branch["name"]: branch for branch in outcome["branches"]}
    assert set(branches) == {"promotions_only", "joint"}
    figures = {(row["head"], row["source"]): row["ap"] for row in branches["joint"]["figures"]}
    every = aps(config_of(folder))
    assert figures == {key: every[key[0], f"source={key[1]}"] for key in figures}
    assert ("ad_stream", "ad") in figures
    changes = {(row["against"], row["label"], row["source"], row["measure"]) for row in branches["joint"]["changes"]}
    assert ("first branch", "stream", "ad", "calibration") in changes


def test_a_run_has_its_report_with_the_evaluators_numbers(folder: Path, first: First):
    page = Path(config_of(folder).home) / "reports" / first.run.id.replace(":", "-") / "report.html"
    assert page.stat().st_size < 2_000_000
    assert str(page) in first.output.replace("\n", "")
    (kept,) = first.run.outputs("Report", "report")
    assert {"report.html", "results.json", "figures.csv"} <= {path.name for path in Path(kept).iterdir()}
    assert (Path(kept) / "changes.csv").read_bytes() == (page.parent / "changes.csv").read_bytes()
    assert pl.read_csv(page.parent / "drift.csv").height > 0
    losses = pl.read_csv(page.parent / "training.csv")
    assert losses["loss"].null_count() == 0
    assert set(losses["rows"]) == {"training", "promotion", "ad"}
    coldcast(
        "report", first.run.id, "--against", first.run.id, "--out", f"{folder}/report", *overrides(folder, "first")
    )
    figures = pl.read_csv(folder / "report/figures.csv").filter(model="joint", slice="ad")
    every = aps(config_of(folder))
    expected = {head: every[head, "source=ad"] for head in heads_of(config_of(folder)) if head != "promotion_stream"}
    assert dict(zip(figures["head"], figures["AP"], strict=True)) == pytest.approx(expected)
    changes = pl.read_csv(folder / "report/changes.csv", infer_schema_length=None)
    own = changes.filter(pl.col("beside").str.starts_with("joint of run"), model="joint")
    assert own["change"].abs().max() == 0, "a model beside itself"


def test_a_published_model_has_its_card(folder: Path, first: First):
    extra = Path(first.run.version) / "assets.extra"
    card = json.loads((extra / "model_card.json").read_text())
    assert (card["version"], card["recipe"]) == (first.versions[0], "joint")
    every = aps(config_of(folder))
    for row in card["metrics"]:
        assert row["ap"] == every[row["head"], row["slice"]]
    assert {task["name"] for task in card["tasks"]} == set(heads_of(config_of(folder)))
    assert card["data"]["train"]["rows"]["ad"] > card["data"]["train"]["rows"]["promotion"] > 0
    text = (extra / "model_card.md").read_text()
    assert f"# Model card: coldcast, version {first.versions[0]}" in text
    assert "simulated world" in text
    assert "None" not in text


def test_a_run_that_is_not_blessed_ends_with_a_code_of_its_own(folder: Path, first: First):
    wanted = [*overrides(folder, "first"), "--set", "evaluator.thresholds=[{min_lift: 1000.0}]"]
    code = "from pipeline.command_line.main import main; main()"
    command = [sys.executable, "-c", code, "run", "--no-sample", "--fail-unless-blessed", *wanted]
    finished = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert finished.returncode == 3, finished.stdout + finished.stderr


def test_models_of_two_runs_are_compared_and_guarded(folder: Path, first: First):
    models = [f"{first.run.id}/promotions_only", "published/joint"]
    page = ("--html", f"{folder}/compared.html")
    shown = coldcast("compare", *models, "--csv", f"{folder}/compared.csv", *page, *overrides(folder, "first"))
    assert "AP of streams on the same test rows" in (folder / "compared.html").read_text()
    assert re.search(r"stream +ad +less-streamed", shown)
    table = pl.read_csv(folder / "compared.csv", infer_schema_length=None)
    (ap,) = table.filter(label="stream", measure="ap", slice="source=ad")["ours"]
    assert ap == pytest.approx(aps(config_of(folder))["ad_stream", "source=ad"])
    command = [sys.executable, "-c", "from pipeline.command_line.main import main; main()", "compare", *models]
    guard = ["--set", 'compare.guards=["stream:source=promotion:calibration"]', *overrides(folder, "first")]
    codes = [
        subprocess.run([*order, *guard], cwd=REPOSITORY, capture_output=True, check=False).returncode
        for order in (command, [*command[:4], *reversed(models)])
    ]
    assert sorted(codes) == [0, 4], "one of the two is farther from 1"


def test_messages_of_libraries_are_in_the_log_file_and_not_on_the_screen(folder: Path, first: First):
    assert not re.search(r"Warning|WARNING|absl|tensorflow/", first.output)
    assert "Component Transform is running." in first.log.read_text()


def test_runs_are_listed_and_shown_with_every_node_and_gate(folder: Path, first: First):
    assert "complete" in coldcast("runs", "list", *overrides(folder, "first"))
    shown = coldcast("runs", "show", *overrides(folder, "first"))
    assert all(node.id in shown for node in find_run(config_of(folder)).nodes)
    assert "promotion_stream on promotion: AP" in shown


def test_an_analyst_reads_every_slice_on_the_screen_and_in_a_spreadsheet(folder: Path, first: First):
    shown = coldcast("runs", "slices", "--csv", f"{folder}/slices.csv", *overrides(folder, "first"))
    assert "ad, tier 7" in shown
    table = pl.read_csv(folder / "slices.csv")
    assert set(table["head"]) == set(heads_of(config_of(folder)))
    read = {(row["head"], row["slice"]): row["ap"] for row in table.iter_rows(named=True)}
    every = aps(config_of(folder))
    assert read.items() <= every.items()
    without_rows = every.keys() - read.keys()  # slices of a source that the head is not read on
    assert {every[key] for key in without_rows} == {None}
    assert {name for name in every if name[1] == "source=ad"} - read.keys() == {("promotion_stream", "source=ad")}


def test_an_unchanged_rerun_is_cached_and_publishes_nothing(folder: Path, first: First):
    before = versions(config_of(folder))
    output = coldcast("run", *overrides(folder, "first"))
    assert find_run(config_of(folder)).state == "cached"
    assert output.count("   cached") == NODES - 6  # the four resolvers, ServableGate, and the pusher run each time
    assert "Nothing was published: this model is" in output
    assert versions(config_of(folder)) == before


def test_a_deleted_version_is_published_again(folder: Path, first: First):
    (version,) = versions(config_of(folder))
    shutil.rmtree(Path(config_of(folder).models, version))
    output = coldcast("run", "--no-sample", *overrides(folder, "first"))
    assert "Published version" in output
    assert len(versions(config_of(folder))) == 1


def test_a_change_reruns_only_what_depends_on_it_and_the_same_model_is_not_pushed_again(folder: Path, first: First):
    before = versions(config_of(folder))
    coldcast("run", "--no-sample", *overrides(folder, "first"), "--set", "evaluator.min_positives=15")
    run = find_run(config_of(folder))
    ran = {node.id for node in run.nodes if node.state == "complete"}
    resolvers = {node.id for node in run.nodes if node.id.startswith("Resolver")}
    assert ran - resolvers == {"Evaluator.joint", "Evaluator.promotions_only", "ServableGate", "AtomicPusher", "Report"}
    assert versions(config_of(folder)) == before


def test_a_killed_run_that_is_started_again_completes_with_the_same_result(folder: Path, first: First):
    config = config_of(folder, "killed")
    options = [*overrides(folder, "killed"), "--set", "baseline=null"]  # the joint model alone: its result is the same
    code = "from pipeline.command_line.main import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "run", "--no-sample", *options],
        cwd=REPOSITORY,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:
        while not began(config, "Transform"):
            assert running.poll() is None, "the run ended before it could be killed"
            time.sleep(0.5)  # each look reads the whole metadata store
        os.kill(running.pid, signal.SIGKILL)
    assert find_run(config).state == "unfinished"
    coldcast("run", "--no-sample", *options)
    run = find_run(config)
    states = {node.id: node.state for node in run.nodes}
    assert states["Ingestion"] == states["TemporalSplit"] == "cached"
    assert states["Transform"] == states["AtomicPusher"] == "complete"
    assert aps(config) == aps(config_of(folder))


def test_scores_over_grpc_equal_the_offline_scores_of_the_same_rows(folder: Path, first: First):
    import tensorflow as tf

    from serving.client import Client
    from serving.server import Server

    config = config_of(folder)
    (examples,) = find_run(config).outputs("TemporalSplit", "examples")
    (trained,) = find_run(config).outputs("Trainer.joint", "model")
    files = sorted(str(path) for path in Path(examples, "Split-test").iterdir())
    rows = list(tf.data.TFRecordDataset(files, compression_type="GZIP").take(500).as_numpy_iterator())
    offline = tf.saved_model.load(f"{trained}/Format-Serving").signatures["serving_default"](tf.constant(rows))
    serving = config.serving.model_copy(update={"port": 0})
    with Server(serving, config.models) as server, Client(server.config, features=config.feature_table) as client:
        online = client.score_examples(rows)
    assert set(online) == set(offline) == set(heads_of(config))
    for head, scores in offline.items():
        np.testing.assert_allclose(online[head], scores.numpy(), rtol=0, atol=1e-6)


def test_the_pushed_model_loads_in_cpp_and_passes_the_static_check(folder: Path, first: First):
    import tensorflow as tf

    from serving.loadcheck.native import answers
    from serving.savedmodel.static import findings

    config = config_of(folder)
    pushed = Path(config.models, versions(config)[0])
    assert findings(pushed) == []
    (examples,) = find_run(config).outputs("TemporalSplit", "examples")
    file = sorted(str(path) for path in Path(examples, "Split-test").iterdir())[0]
    rows = np.array(list(tf.data.TFRecordDataset([file], compression_type="GZIP").take(20).as_numpy_iterator()), object)
    (native,) = answers(pushed, [("serving_default", {"examples": rows})], REPOSITORY / "build" / "loadcheck")
    python = tf.saved_model.load(str(pushed)).signatures["serving_default"](tf.constant(rows))
    for head, scores in python.items():
        np.testing.assert_allclose(native[head], scores.numpy(), rtol=0, atol=1e-6)


def test_tfxs_own_command_line_creates_and_runs_the_same_pipeline(folder: Path, first: First):
    config = folder / "cli.yaml"
    config.write_text(
        (REPOSITORY / "configs/tiny.yaml").read_text()
        + f"\nlogs: {folder}/logs\nroot: {folder}/first\ntrainer: {{epochs: 2}}\n"
    )
    environment = os.environ | {"COLDCAST_CONFIG": str(config), "AIRFLOW_HOME": str(folder), "HOME": str(folder)}
    tfx = [str(Path(sys.executable).parent / "tfx")]
    script = str(REPOSITORY / "pipeline/runners/tfx_cli.py")
    runs_before = len(list_runs(config_of(folder)))
    for command in (
        ["pipeline", "create", "--engine", "local", "--pipeline_path", script],
        ["run", "create", "--engine", "local", "--pipeline_name", "tiny"],
    ):
        finished = subprocess.run([*tfx, *command], cwd=REPOSITORY, env=environment, capture_output=True, text=True)
        assert finished.returncode == 0, finished.stdout + finished.stderr
    assert len(list_runs(config_of(folder))) == runs_before + 1


def test_a_task_is_added_to_the_blessed_model_and_nothing_else_of_it_changes(folder: Path, first: First):
    import tensorflow as tf

    from serving.loadcheck.native import answers

    row = "{label: click, trained_on: [promotion, ad], read_on: [promotion, ad]}"
    options = [*overrides(folder, "first"), "--set", f"tasks.tap={row}"]
    config = config_of(folder)
    given = ["--from", first.run.id, "--task", "tap", "--rows", "2000"]
    output = coldcast("finetune", *given, *options)
    assert f"starts from joint of the run {first.run.id}: {', '.join(heads_of(config))}\n" in output
    assert "Next: coldcast runs show" in output

    tuned = load_config(REPOSITORY / "configs/tiny.yaml", [*options[3::2], "name=tiny-tap", f"root={config.root}"])
    run = find_run(tuned)
    assert run.state == "complete"
    assert run.blessed == ("tap",)
    start, branch = (first.run.outputs("Trainer.joint", "model")[0], run.outputs("Trainer.tap", "model")[0])
    place = "Format-Serving/assets.extra/coldcast_weights.npz"
    with np.load(Path(start, place)) as old, np.load(Path(branch, place)) as new:
        assert {path.split("/")[0] for path in set(new.files) - set(old.files)} == {"tower_tap"}
        assert all(np.array_equal(old[path], new[path]) for path in old.files)
        assert any(new[path].any() for path in new.files if path.startswith("tower_tap"))
    assert Path(config.models).is_dir()
    assert len(versions(config)) >= 1, "the start model is still published"

    (examples,) = run.outputs("TemporalSplit", "examples")
    file = sorted(str(path) for path in Path(examples, "Split-test").iterdir())[0]
    rows = np.array(list(tf.data.TFRecordDataset([file], compression_type="GZIP").take(20).as_numpy_iterator()), object)
    pushed = Path(run.version)
    (native,) = answers(pushed, [("serving_default", {"examples": rows})], REPOSITORY / "build" / "loadcheck")
    python = tf.saved_model.load(str(pushed)).signatures["serving_default"](tf.constant(rows))
    assert set(python) == {*heads_of(config), "tap"}
    for head, scores in python.items():  # the ids that it knows are an asset, which the C++ loader reads, too
        np.testing.assert_allclose(native[head], scores.numpy(), rtol=0, atol=1e-6)
