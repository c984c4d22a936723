import csv
import json
from datetime import timedelta
from pathlib import Path

from experiments.ab.analyze.analysis import analyze
from experiments.ab.analyze.files import write_changes, write_json
from experiments.ab.analyze.guardrails import guardrail
from experiments.ab.analyze.picture import draw_changes
from experiments.ab.measures.arms import ab_test_of
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
