import csv
import json
from datetime import timedelta
from pathlib import Path

from experiments.ab.analysis import analyze
from experiments.ab.arms import ab_test_of
from experiments.ab.change_picture import draw_changes
from experiments.ab.files import write_changes, write_json, write_power
from experiments.ab.guardrails import guardrail
from experiments.ab.power import PowerSettings, power_rows
from experiments.ab.power_picture import draw_power
from experiments.ab.segments import HEADLINES
from tests.experiments.ab.made_days import heavy_tailed


def test_files_have_the_figures_of_the_rows(tmp_path: Path):
    analysis = analyze(ab_test_of(heavy_tailed(users=300), timedelta(days=1)), guardrails=[guardrail("CTR>=-2%")])
    write_changes(tmp_path / "a.csv", analysis.changes)
    write_json(tmp_path / "a.json", analysis)
    with (tmp_path / "a.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    content = json.loads((tmp_path / "a.json").read_text())
    for row, line, entry in zip(analysis.changes, lines, content["changes"], strict=True):
        assert float(line["change"]) == row.change == entry["change"]
        assert (line["segment"], line["p_holm"]) == (row.segment, "" if row.p_holm is None else str(row.p_holm))
    assert content["start"] == "2026-01-05"
    assert content["guardrails"][0]["verdict"] in ("open", "holds")
    assert len(content["looks"]) == 2 * 4 * 4
    draw_changes(tmp_path / "a.png", analysis.changes, analysis.control)
    assert (tmp_path / "a.png").stat().st_size > 1000


def test_power_as_a_table_and_a_picture(tmp_path: Path):
    settings = PowerSettings()
    rows = power_rows(heavy_tailed(users=800), settings, HEADLINES)
    write_power(tmp_path / "p.csv", rows)
    with (tmp_path / "p.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [float(line["smallest_lift_14_days"]) for line in lines] == [row.smallest[1] for row in rows]
    for name in ("p.png", "p.svg"):
        draw_power(tmp_path / name, rows, settings)
        assert (tmp_path / name).stat().st_size > 1000
    draw_power(tmp_path / "none.png", [], settings)
    assert (tmp_path / "none.png").is_file()
