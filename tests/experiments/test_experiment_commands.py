"""The commands of experiments: their options, and one experiment from an empty folder, killed and started again."""

import csv
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.ablation.command import ablation
from experiments.command_line import app
from experiments.systems.errors import SystemsError
from experiments.table1.command import table1
from experiments.transfer.command import transfer
from pipeline.runs import list_runs

REPOSITORY = Path(__file__).resolve().parents[2]

CONFIG = """
name: smallest
simulation: {preset: tiny, users: 300, shows: 80, days: 4, warmup_days: 3, impressions: 6000}
tiers: {boundaries_hours: [200, 100, 60, 35, 18, 8, 3], less_streamed_below: 50}
split: {validation_days: 1, test_days: 1}
validation: {train_test: {enabled: false}}
features: {groups: [content, context], without: ["*_30d", show_embedding]}
trainer: {epochs: 1, batch_size: 256}
evaluator: {min_positives: 5}
"""


def started(config: Path, out: Path, *more: str) -> "subprocess.Popen[str]":
    options = ["-c", str(config), "--seeds", "1", "--recipes", "joint", "--out", str(out), *more]
    places = ["--set", f"root={out}/own", "--set", f"logs={out}/logs"]
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "experiments.command_line", "experiment", "table1", *options, *places],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.slow
def test_a_killed_experiment_goes_on_where_it_was(tmp_path: Path):
    config = tmp_path / "smallest.yaml"
    config.write_text(CONFIG)
    before = []
    with started(config, tmp_path) as running:
        assert running.stdout is not None
        for line in running.stdout:
            before.append(line)
            if line.startswith("[1/2]"):
                os.kill(running.pid, signal.SIGKILL)
                break
    assert re.search(r"\[1/2\] promotions_only, seed 1, world-7: \d+ s; about .* left", "".join(before)), before
    assert not (tmp_path / "table1.csv").exists()

    with started(config, tmp_path) as running:
        output = running.communicate()[0]
    assert running.returncode == 0, output
    assert "[1/2] promotions_only, seed 1, world-7: cached" in output
    assert re.search(r"\[2/2\] joint, seed 1, world-7: \d+ s\n", output)
    assert "AP of streams, source ad, against promotions_only" in output
    cells = list(csv.DictReader((tmp_path / "table1.csv").open()))
    assert {(cell["system"], cell["against"], cell["world"]) for cell in cells} == {
        ("joint", "promotions_only", "world-7"),
        ("joint", "promotions_only", "all"),
    }
    (overall,) = (cell for cell in cells if (cell["world"], cell["slice"]) == ("all", "source=promotion"))
    assert 0 < float(overall["ours"]) < 1
    assert int(overall["positives"]) >= 5
    assert overall["published"] == "0.045"
    assert "unseen_show=1" in {cell["slice"] for cell in cells}
    assert (tmp_path / "table1.svg").read_text().startswith("<?xml")

    with started(config, tmp_path, "--beside", "joint") as running:
        output = running.communicate()[0]
    assert running.returncode == 0, output
    beside = list(csv.DictReader((tmp_path / "table1_beside_joint.csv").open()))
    assert {(cell["system"], cell["against"]) for cell in beside} == {("joint", "promotions_only")}
    figures = ("slice", "world", "ours", "theirs", "relative_low", "q")
    assert [[cell[name] for name in figures] for cell in beside] == [[cell[name] for name in figures] for cell in cells]
    shared = {"Ingestion", "Transform"}
    (*_, last) = list_runs(_world_config(config, tmp_path))
    assert {node.id: node.state for node in last.nodes if node.id in shared} == dict.fromkeys(shared, "cached")


def _world_config(config: Path, out: Path):
    from experiments.systems.configs import worlds_of
    from pipeline.configuration.file import load_config

    (world,) = worlds_of(load_config(config, [f"root={out}/own", f"logs={out}/logs"]), str(out))
    return world.config


def test_every_experiment_is_a_command():
    group = next(group for group in app.registered_groups if group.name == "experiment")
    assert group.typer_instance is not None
    assert [command.name for command in group.typer_instance.registered_commands] == [
        "table1",
        "ablation",
        "transfer",
        "finetune",
    ]


def test_options_are_checked_before_any_work(tmp_path: Path):
    out = str(tmp_path / "out")
    with pytest.raises(SystemsError, match="--worlds 7;8: write whole numbers"):
        table1("tiny", worlds="7;8", out=out)
    with pytest.raises(SystemsError, match="--only no_such: there is no such system; valid names are no_anc"):
        ablation("tiny", only="no_such", out=out)
    for empty in ("", ","):
        with pytest.raises(SystemsError, match=f"--only '{empty}': the list is empty"):
            ablation("tiny", only=empty, out=out)
        with pytest.raises(SystemsError, match=f"--recipes '{empty}': the list is empty"):
            table1("tiny", recipes=empty, out=out)
    with pytest.raises(SystemsError, match="--beside jiont: there is no such system; valid names are promotions"):
        table1("tiny", beside="jiont", out=out)
    with pytest.raises(SystemsError, match="promotions_only, seed 1, world-7: it was not trained and judged yet"):
        table1("tiny", beside="joint", out=out)
    with pytest.raises(SystemsError, match=r"--correlations 0\.8: write SHOW/USER"):
        transfer("tiny", correlations="0.8", out=out)
    with pytest.raises(SystemsError, match="--ratios x: write numbers"):
        transfer("tiny", ratios="x", out=out)
