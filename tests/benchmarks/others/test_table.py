import csv

import numpy as np
import polars as pl
import pytest
from rich.console import Console

from benchmarks.others.errors import OthersError
from benchmarks.others.table import ap_columns, compared, scores_of, speed_columns, speeds_of, write_csv
from benchmarks.others.training import TrainingResult
from components.evaluation.scores import Scores
from pipeline.terminal.fitting import show_columns
from tests.components.evaluation.paired.simulated import scores_of as scores

PROMOTION, AD = ("promotion",), ("ad",)
HEADS = {"promotion_stream": ("stream", PROMOTION), "ad_stream": ("stream", AD)}
ROWS = 80
LABELS = np.arange(ROWS) % 4 == 0
IDS = [f"i{row:02}" for row in range(ROWS)]


def branch() -> Scores:
    """Every row has the same score, so that AP is the base rate, 1/4. Promotions and ads take turns by four rows."""
    return scores(
        {
            "impression_id": IDS,
            "user_id": [f"u{row // 4 % 10}" for row in range(ROWS)],
            "source": ["ad" if row // 40 else "promotion" for row in range(ROWS)],
            "label.stream": LABELS.astype(np.int8),
            "candidate.promotion_stream": np.full(ROWS, 0.5, np.float32),
            "candidate.ad_stream": np.full(ROWS, 0.5, np.float32),
        },
        HEADS,
    )


def made_result(ad: np.ndarray, rate: float = 100.0) -> TrainingResult:
    """Right about promotions, and with these scores for ads; in the order of falling ids."""
    frame = pl.DataFrame({"promotion_stream": LABELS[::-1].astype(np.float32), "ad_stream": ad[::-1]})
    return TrainingResult(epochs=4, chosen=2, validation_ap=0.5, examples_per_cpu_second=rate, predictions=frame)


def test_predictions_are_joined_by_impression():
    result = scores_of(branch(), IDS[::-1], made_result(np.arange(ROWS) / ROWS).predictions)
    np.testing.assert_array_equal(result.label("stream"), LABELS)
    np.testing.assert_array_equal(result.score("promotion_stream"), LABELS)
    np.testing.assert_array_equal(result.score("ad_stream"), np.arange(ROWS) / ROWS)


def test_a_row_without_a_prediction_is_an_error():
    with pytest.raises(OthersError, match="Only 79 of 80 test rows"):
        scores_of(branch(), IDS[:0:-1], made_result(np.zeros(ROWS)).predictions[:-1])


def test_each_source_is_compared_on_the_same_rows():
    seeds = {"deepctr ple": [made_result(np.full(ROWS, 0.1))]}
    cells = {cell.row.slice: cell for cell in compared([branch()], IDS[::-1], seeds, "joint", "tiny")}
    assert cells.keys() == {"source=promotion", "source=ad"}
    promotion, ad = cells["source=promotion"], cells["source=ad"]
    assert (promotion.system, promotion.against, promotion.world) == ("deepctr ple", "joint", "tiny")
    assert (promotion.row.ours, promotion.row.theirs, promotion.row.positives) == (1.0, 0.25, 10)
    assert promotion.row.relative == pytest.approx(3.0)  # 1 / 0.25 - 1
    assert (ad.row.ours, ad.row.relative) == (0.25, 0.0)


def test_several_seeds_count_with_their_mean():
    perfect, useless = made_result(LABELS.astype(float)), made_result(np.zeros(ROWS))
    cells = compared([branch()], IDS[::-1], {"fuxictr mmoe": [perfect, useless]}, "joint", "tiny")
    (ad,) = (cell.row for cell in cells if cell.row.slice == "source=ad")
    assert ad.ours == pytest.approx((1 + 0.25) / 2)


def test_the_tables_and_files_hold_the_figures(tmp_path, capsys):
    seeds = {"deepctr ple": [made_result(np.zeros(ROWS), 100.0), made_result(np.zeros(ROWS), 300.0)]}
    cells = compared([branch()], IDS[::-1], seeds, "joint", "tiny")
    speeds = speeds_of(seeds)
    console = Console(width=120)
    show_columns(console, ap_columns(cells, "joint"), "AP")
    show_columns(console, speed_columns(speeds), "Training")
    printed = capsys.readouterr().out
    assert "+300.0%" in printed and "0.2500" in printed and "1.0000" in printed
    assert "200" in printed and "2 of 4, 2 of 4" in printed
    write_csv(tmp_path / "new", cells, speeds)
    with (tmp_path / "new" / "ap.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert [(line["system"], line["source"], line["ours"]) for line in lines] == [
        ("deepctr ple", "promotion", "1.0"),
        ("deepctr ple", "ad", "0.25"),
    ]
    with (tmp_path / "new" / "speed.csv").open() as file:
        assert list(csv.reader(file))[1] == ["deepctr ple", "200.0", "2 of 4, 2 of 4", "0.5"]
