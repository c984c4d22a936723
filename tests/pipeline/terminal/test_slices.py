"""The slice report: slices without rows, slices that repeat others, and branches that a run has not judged."""

import csv
import re
from datetime import datetime, timezone
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from components.evaluation.comparison import ComparisonRow, compare
from components.evaluation.results import Evaluation
from components.evaluation.scores import with_about
from components.evaluation.settings import EvaluatedHead
from pipeline.configuration.config import Config
from pipeline.errors import RunsError
from pipeline.metadata.records import Node, Output, Run
from pipeline.terminal import slices
from pipeline.terminal.slices import new_rows, show_new, show_slices, slice_rows, write_slices
from tests.components.evaluation.paired.simulated import scores_of
from tests.pipeline.terminal.evaluations import JOINT, SOURCES, evaluation, figure
from tests.pipeline.terminal.screens import Screen

AD_STREAM = EvaluatedHead("ad_stream", "stream", ("ad",))
CLICK = EvaluatedHead("click", "click", SOURCES)


def row(
    head: EvaluatedHead = AD_STREAM, ap: float | None = None, positives: int = 0, **keys: str | int
) -> ComparisonRow:
    return ComparisonRow(head.name, head.label, keys, figure(head, ap, positives=positives, **keys))


def run(*nodes: Node) -> Run:
    return Run("run-1", datetime(2026, 1, 1, tzinfo=timezone.utc), nodes, ended=True)


def judged(branch: str) -> Node:
    return Node(f"Evaluator.{branch}", "complete", 1.0, {"evaluation": (Output(branch, {}),)})


def shown(rows: list[ComparisonRow], width: int = 120) -> list[str]:
    screen = Screen(width)
    show_slices(screen, rows)
    lines = screen.text.splitlines()
    assert all(len(line) <= width and "…" not in line for line in lines)
    return [line.rstrip() for line in lines]


def test_a_slice_without_rows_is_marked_on_the_screen_and_empty_in_the_spreadsheet(tmp_path: Path):
    empty = row(source="ad", stream_tier=5)
    (line,) = [line for line in shown([empty]) if "tier 5" in line]
    assert re.split(r" {2,}", line) == ["ad, tier 5 *", "none", "none", "none", "none", "0.1234", "0", "100,000"]
    write_slices(tmp_path / "s.csv", [empty])
    (cells,) = csv.DictReader((tmp_path / "s.csv").open())
    assert (cells["slice"], cells["ap"], cells["low"]) == ("source=ad, stream_tier=5", "", "")
    assert (cells["expected"], cells["calibration"], cells["calibration_high"]) == ("0.0", "", "")
    assert (cells["head"], cells["label"], cells["judged"]) == ("ad_stream", "stream", "False")
    assert (cells["source"], cells["stream_tier"], cells["less_streamed"]) == ("ad", "5", "")


def test_a_branch_that_the_run_has_not_judged_is_answered_with_those_that_it_has():
    expected = r"run-1 has not judged the branch 'joint'; name one with --branch: ads_stream_only$"
    with pytest.raises(RunsError, match=expected):
        slice_rows(Config(), run(judged("ads_stream_only"), Node("Evaluator.joint", "failed", 1.0)))
    with pytest.raises(RunsError, match="run-1 has not judged a model: it stopped before"):
        slice_rows(Config(), run())


def by_uri(monkeypatch: pytest.MonkeyPatch, **evaluations: Evaluation) -> None:
    monkeypatch.setattr(slices, "load", lambda uri: evaluations[uri])


def test_without_a_name_the_pushed_branch_is_taken(monkeypatch: pytest.MonkeyPatch):
    by_uri(
        monkeypatch, joint=evaluation(JOINT, 0.2), promotions_only=evaluation((CLICK,), 0.1), other=evaluation((), 0)
    )
    both = run(judged("promotions_only"), judged("joint"), judged("other"))
    assert {row.figure.ap for row in slice_rows(Config(), both)} == {0.2}
    assert {row.figure.ap for row in slice_rows(Config(), both, "promotions_only")} == {0.1}


def test_of_a_run_without_a_pushed_branch_the_last_one_is_taken(monkeypatch: pytest.MonkeyPatch):
    by_uri(monkeypatch, b=evaluation((CLICK,), 0.1))
    config = Config.model_validate({"branches": [{"name": name, "recipe": "joint"} for name in ("a", "b")]})
    assert {row.figure.ap for row in slice_rows(config, run(judged("a"), judged("b")))} == {0.1}


def test_a_single_head_can_be_chosen(monkeypatch: pytest.MonkeyPatch):
    by_uri(monkeypatch, joint=evaluation(JOINT, 0.2))
    assert {row.head for row in slice_rows(Config(), run(judged("joint")), head="click")} == {"click"}
    expected = r"joint has no head 'clicks' in run run-1; its heads are promotion_stream, ad_stream, click"
    with pytest.raises(RunsError, match=expected):
        slice_rows(Config(), run(judged("joint")), head="clicks")


@pytest.mark.parametrize(
    ("width", "figures"),
    [
        (50, ["0.1000", "1.20"]),
        (59, ["0.1000", "0.0500", "0.1500", "1.20"]),
        (70, ["0.1000", "0.0500", "0.1500", "1.20", "12,345"]),
        (80, ["0.1000", "0.0500", "0.1500", "1.20 [0.60, 1.80]", "12,345"]),
        (86, ["0.1000", "0.0500", "0.1500", "1.20 [0.60, 1.80]", "0.1234", "12,345"]),
        (100, ["0.1000", "0.0500", "0.1500", "1.20 [0.60, 1.80]", "0.1234", "12,345", "100,000"]),
    ],
)
def test_slices_and_intervals_are_whole_at_every_width(width: int, figures: list[str]):
    keys = ({}, {"source": "promotion", "less_streamed": 1}, {"source": "promotion", "stream_tier": 5})
    lines = shown([row(CLICK, 0.1, 12_345, **key) for key in keys], width)
    title = "click: AP, expected / observed outcomes (95 % intervals; * too few positives to judge)"
    assert " ".join(lines).startswith(title)
    names = ["all", "promotion, less-streamed", "promotion, tier 5"]
    assert [re.split(r" {2,}", line) for line in lines[-3:]] == [[name, *figures] for name in names]


def test_slices_of_the_only_source_of_a_head_are_shown_once_and_kept_in_the_spreadsheet(tmp_path: Path):
    def rows(head: EvaluatedHead) -> list[ComparisonRow]:
        tiers = [{}, {"stream_tier": 0}]
        keys = [*tiers, *({"source": source} | tier for source in head.sources for tier in tiers)]
        return list(compare(Evaluation((head,), SOURCES, tuple(figure(head, 0.1, positives=7, **key) for key in keys))))

    both = [*rows(AD_STREAM), *rows(CLICK)]
    names = [re.split(r" {2,}", line)[0] for line in shown(both) if " 0.1000 " in line]
    of_click = ["promotion *", "promotion, tier 0 *", "ad *", "ad, tier 0 *"]
    assert names == ["all *", "tier 0 *", "all *", "tier 0 *", *of_click]
    write_slices(tmp_path / "s.csv", both)
    assert len((tmp_path / "s.csv").read_text().splitlines()) == 1 + len(both)


def test_what_training_never_saw_is_compared_with_the_first_branch_by_source(tmp_path: Path):
    rows = 400
    frame = {
        "impression_id": [f"{row:03}" for row in range(rows)],
        "user_id": [str(row % 37) for row in range(rows)],
        "source": ["ad" if row % 2 else "promotion" for row in range(rows)],
        "unseen_show": [int(row % 8 < 4) for row in range(rows)],
        "first_days": [None] * rows,  # not known
        "label.click": [int(row % 5 == 0) for row in range(rows)],
    }
    worse, better = [row % 5 / 10 + 0.01 for row in range(rows)], [0.5 - row % 5 / 10 for row in range(rows)]
    nodes = []
    for branch, scores in (("promotions_only", worse), ("joint", better)):
        kept = scores_of(frame | {"candidate.click": scores}, {"click": ("click", SOURCES)})
        (tmp_path / branch).mkdir()
        table = kept.rows.to_arrow()
        pq.write_table(table.cast(with_about(table.schema, kept.about)), tmp_path / branch / "scores-0.parquet")
        outputs = {key: (Output(str(tmp_path / branch), {}),) for key in ("evaluation", "scores")}
        nodes.append(Node(f"Evaluator.{branch}", "complete", 1.0, outputs))
    compared = new_rows(Config(), run(*nodes))
    assert [(row.keys, row.examples, row.positives) for row in compared] == [
        ({"source": source, "unseen_show": 1}, 100, 20) for source in SOURCES
    ]
    assert all(row.ours == 1.0 and row.theirs == 0.2 and row.excludes_zero for row in compared)
    assert new_rows(Config(), run(*nodes), "promotions_only") == ()
    screen = Screen(120)
    show_new(screen, compared)
    assert screen.text.count("unseen shows") == 2


def test_a_value_that_rows_lack_is_named():
    lines = "\n".join(shown([row(device=""), row(device="tv")]))
    assert "device missing *" in lines
    assert "device tv *" in lines
