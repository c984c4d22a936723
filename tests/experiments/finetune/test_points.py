"""The learning curve from scores: comparisons, table, picture, and CSV."""

import csv
from pathlib import Path

import pytest
from rich.console import Console
from sklearn.metrics import average_precision_score

from components.evaluation.scores import Scores
from experiments.finetune import points as module
from experiments.finetune.curve_model import CurveModel
from experiments.finetune.files import write_points
from experiments.finetune.picture import draw_curve
from experiments.finetune.points import CurvePoint, points_of
from experiments.finetune.systems import FROZEN, NOTHING, UNFROZEN, NewTask
from experiments.finetune.tables import show_points
from experiments.systems.cells import ALL_WORLDS
from experiments.systems.configs import ExperimentWorld
from experiments.systems.system import System
from pipeline.configuration.config import Config
from tests.components.evaluation.paired.simulated import scores_of

CLICKS = [1, 0] * 12
NOISE = [number * 7 % 24 / 24 for number in range(24)]
WORLD = ExperimentWorld("logs", Config.model_validate({"name": "c"}))
TASK = NewTask("click", "click", System("without_click", "joint"), {"stream": ("promotion_stream", "ad_stream")})


def scores(*, gain: float, heads: dict, **labels: list[int]) -> Scores:
    """Scores of 12 users on ads: noise and `gain` for each click."""
    value = [noise + gain * click for noise, click in zip(NOISE, CLICKS, strict=True)]
    columns = {
        "impression_id": [f"i{number:02}" for number in range(24)],
        "user_id": [f"u{number // 2}" for number in range(24)],
        "source": ["ad"] * 24,
        **labels,
        **{f"candidate.{head}": value for head in heads},
    }
    return scores_of(columns, heads)


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch) -> tuple[CurvePoint, ...]:
    """Of two seeds: frozen is good with all rows, unfrozen like nothing; the stream head is a bit better than noise."""
    gains = {FROZEN: 0.5, UNFROZEN: 0.0, NOTHING: 0.0}

    def read(uri: str, columns: list[str]) -> Scores:
        if uri == "start":
            heads = {"promotion_stream": ("stream", ("promotion",)), "ad_stream": ("stream", ("ad",))}
            return scores(gain=0.2, heads=heads)
        gain = gains[uri.split("/")[0]] * (uri.split("/")[1] == "2000")
        assert "label.click" in columns
        assert "candidate.click" in columns
        heads = {"ad_stream": ("stream", ("ad",)), "click": ("click", ("promotion", "ad"))}
        return scores(gain=gain, heads=heads, **{"label.click": CLICKS})

    monkeypatch.setattr(module, "read_scores", read)
    trained = {
        CurveModel(WORLD, way, rows, seed): f"{way}/{rows}" for way in gains for rows in (500, 2000) for seed in (1, 2)
    }
    starts = {CurveModel(WORLD, "", 0, seed): "start" for seed in (1, 2)}
    return points_of(TASK, {**starts, **trained}, [WORLD])


def point(points: tuple[CurvePoint, ...], rows: int, system: str, against: str) -> CurvePoint:
    (result,) = (
        point
        for point in points
        if (point.rows, point.cell.system, point.cell.against) == (rows, system, against)
        and (point.cell.world, point.cell.row.keys) == (ALL_WORLDS, {"source": "ad"})
    )
    return result


def test_each_way_is_compared_with_training_from_nothing_on_the_same_rows(points: tuple[CurvePoint, ...]) -> None:
    good = [noise + 0.5 * click for noise, click in zip(NOISE, CLICKS, strict=True)]
    best, none = (average_precision_score(CLICKS, value) for value in (good, NOISE))
    row = point(points, 2000, FROZEN, NOTHING).cell.row
    assert row.ours == pytest.approx(best, abs=1e-6)
    assert row.theirs == pytest.approx(none, abs=1e-6)
    assert row.excludes_zero
    assert point(points, 500, FROZEN, NOTHING).cell.row.relative == pytest.approx(0, abs=1e-9)
    assert point(points, 2000, UNFROZEN, NOTHING).cell.row.relative == pytest.approx(0, abs=1e-9)


def test_a_head_that_the_model_has_is_measured_on_the_outcomes_of_the_new_task(points: tuple[CurvePoint, ...]) -> None:
    direct = average_precision_score(CLICKS, [n + 0.2 * c for n, c in zip(NOISE, CLICKS, strict=True)])
    for rows in (500, 2000):
        assert point(points, rows, NOTHING, "stream head").cell.row.theirs == pytest.approx(direct, abs=1e-6)
    assert (point(points, 2000, FROZEN, "stream head").cell.row.relative or 0) > 0
    assert (point(points, 500, FROZEN, "stream head").cell.row.relative or 0) < 0


def test_all_numbers_of_rows_are_corrected_together(points: tuple[CurvePoint, ...]) -> None:
    judged = [each.cell.row for each in points if each.cell.world == ALL_WORLDS and each.cell.row.judged]
    smallest = min(row.p or 0.0 for row in judged)
    equal = [row for row in judged if (row.p or 0.0) == smallest]
    assert equal[0].q == pytest.approx(min(smallest * len(judged) / len(equal), 1.0), rel=1e-6)


def test_table_picture_and_csv_show_every_number_of_rows(points: tuple[CurvePoint, ...], tmp_path: Path) -> None:
    screen = Console(width=140, record=True)
    show_points(screen, points, "click")
    text = screen.export_text()
    assert "AP of click, source ad" in text
    assert "stream head" in text
    assert "2,000" in text
    draw_curve(tmp_path / "curve.svg", points, "AP of click")
    draw_curve(tmp_path / "again.svg", points, "AP of click")
    assert (tmp_path / "curve.svg").read_bytes() == (tmp_path / "again.svg").read_bytes()
    write_points(tmp_path / "curve.csv", points)
    lines = list(csv.DictReader((tmp_path / "curve.csv").open()))
    assert len(lines) == len(points)
    assert {line["rows"] for line in lines} == {"500", "2000"}
    assert {line["against"] for line in lines} == {NOTHING, "stream head"}
