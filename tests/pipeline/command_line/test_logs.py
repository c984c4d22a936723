import json
import os
from pathlib import Path

import pytest

from pipeline.command_line.logs import ingest, simulate
from pipeline.configuration.config import Config
from pipeline.configuration.file import load_config
from tests.components.ingestion.some_logs import at, impression, write_some


def test_ingest_names_missing_days_and_counts_unobserved_impressions(tmp_path: Path, capsys: pytest.CaptureFixture):
    """Windows of 24 hours: those of 1 January after noon, and of the missing 2 January itself, meet the missing day."""
    impressions = [impression(f"i{hours}", at(0, hours)) for hours in (0, 12)]
    impressions += [impression("j", at(1, 5)), impression("k", at(2, 5))]
    logs = write_some(tmp_path / "logs", impressions, [], last_day=4, missing=[1])
    ingest(out=str(tmp_path / "out"), logs=logs, overrides=[f"root={tmp_path}/root"])
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0].startswith(
        "warning: interactions: 1 day between the first and the last has no partition: 2026-01-02"
    )
    first = lines.index("impressions: where every row went")
    counts = {"in": 4, "labelled": 2, "immature": 0, "unobserved": 2, "quarantined": 0, "duplicate": 0}
    assert [line.split() for line in lines[first + 3 : first + 9]] == [
        [name, str(rows)] for name, rows in counts.items()
    ]
    assert json.loads((tmp_path / "out/accounting.json").read_text())["impressions"] == counts
    assert lines[-1] == f"wrote {tmp_path}{os.sep}out"


def test_the_options_of_simulate_change_the_world_and_not_the_training(monkeypatch: pytest.MonkeyPatch):
    configs: list[Config] = []
    monkeypatch.setattr("pipeline.world.simulate_logs", lambda config, _screen: configs.append(config))
    simulate(config="tiny", preset="study", out="/logs", seed=99)
    (config,), shipped = configs, load_config("tiny")
    assert config.simulation is not None
    assert (config.simulation.preset, config.simulation.seed, config.logs) == ("study", 99, "/logs")
    assert config.seed == shipped.seed
