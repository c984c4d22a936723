"""A branch beside boosted trees: the same test rows in one order, and the table."""

from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.alternatives import SLICES, chosen_branches, columns, stream_scores
from benchmarks.run_rows import impression_ids, prepared_splits, split_files, true_probability
from components.evaluation.paired.compare import compare
from components.evaluation.paired.measures import AP
from components.evaluation.scores import About, Scores
from components.evaluation.settings import EvaluatedHead
from models.config import ModelConfig, TrainerConfig
from models.metrics.average_precision import average_precision
from pipeline.configuration.branches import Branch
from pipeline.configuration.config import Config
from pipeline.metadata.records import Node, Output, Run
from pipeline.terminal.fitting import fitting
from tests.labelled_rows import random_labelled
from tests.models.prepared import RECIPES
from tests.models.training.artifacts import BUCKETS, write_artifacts
from transforms.domain import Domain
from transforms.examples import to_examples, write_examples


def kept_scores(rows: int) -> Scores:
    """Of a branch; the first half of the rows are promotions, and every second row has an unseen show."""
    rng, places = np.random.default_rng(0), np.arange(rows)
    columns = {
        "impression_id": [f"i{place:03}" for place in places],
        "user_id": (places % 20).astype(str),
        "source": np.where(places < rows // 2, "promotion", "ad"),
        "less_streamed": np.zeros(rows, np.int8),
        "unseen_show": (places % 2).astype(np.int8),
        "label.stream": (rng.random(rows) < 0.3).astype(np.int8),
        "candidate.stream": rng.random(rows).astype(np.float32),
    }
    about = About((EvaluatedHead("stream", "stream", ("promotion", "ad")),), ("promotion", "ad"), 5)
    return Scores(about, pl.DataFrame(columns))


def test_the_trees_are_compared_on_the_rows_that_the_evaluator_kept() -> None:
    ours = kept_scores(200)
    labels, ids = ours.label("stream"), ours.rows["impression_id"].to_list()
    rng = np.random.default_rng(1)
    trees, truth = rng.random(200), rng.random(200)
    backwards = slice(None, None, -1)  # rows of the files have another order
    sides = [
        stream_scores(ids[backwards], labels[backwards], scores[backwards], ("promotion", "ad"))
        for scores in (trees, truth)
    ]
    rows, beside_truth = (compare([ours], [side], SLICES, (AP,)) for side in sides)
    by_slice = {row.slice: row for row in rows}
    ads = slice(100, 200)
    assert by_slice["source=ad"].ours == pytest.approx(average_precision(labels[ads], ours.score("stream")[ads]))
    assert by_slice["source=ad"].theirs == pytest.approx(average_precision(labels[ads], trees[ads]))
    assert by_slice["source=ad, unseen_show=1"].examples == 50
    cells = {column.heading: [*column.cells] for column in columns(rows, beside_truth, "joint")}
    assert cells["source"] == ["promotion", "ad"] * 3
    assert cells["rows"] == ["all", "all", "less-streamed", "less-streamed", "unseen show", "unseen show"]
    assert cells["LightGBM"][1] == f"{average_precision(labels[ads], trees[ads]):.4f}"
    assert cells["truth"][1] == f"{average_precision(labels[ads], truth[ads]):.4f}"
    assert (cells["joint"][2], cells["95 % interval"][2]) == ("none", "")  # no row is less-streamed


def test_the_truth_is_that_of_the_impression(tmp_path: Path) -> None:
    ids = ["0", "1", "2", "3"]
    assert true_probability(tmp_path / "none", ids) is None
    folder = tmp_path / "impressions" / "date=2026-01-01"
    folder.mkdir(parents=True)
    pl.DataFrame({"impression_id": ["3", "0", "1", "2"], "p_stream": [0.3, 0.0, 0.1, 0.2]}).write_parquet(
        folder / "part.parquet"
    )
    np.testing.assert_array_equal(true_probability(tmp_path / "impressions", ids), [0.0, 0.1, 0.2, 0.3])


def test_branches_are_named_right_and_learn_from_the_same() -> None:
    config = Config()
    assert [branch.name for branch in chosen_branches(config, None)] == ["promotions_only"]
    assert [branch.name for branch in chosen_branches(config, ["joint"])] == ["joint"]
    with pytest.raises(SystemExit, match="--branch jiont: there is no such branch; valid names are promotions_only"):
        chosen_branches(config, ["joint", "jiont"])
    with pytest.raises(SystemExit, match="joint: it learns from other sources or inputs than promotions_only"):
        chosen_branches(config, ["promotions_only", "joint"])


def test_the_rows_and_the_impressions_of_a_run_are_in_one_order(tmp_path: Path) -> None:
    config = Config.model_validate({"name": "small", "features": {"buckets": BUCKETS}})
    branch = Branch("joint", "joint", RECIPES["joint"], 0, ModelConfig(), TrainerConfig())
    write_artifacts(tmp_path, config.features, Domain())
    test = random_labelled(200, seed=3, features=config.features.table(), domain=Domain())
    (tmp_path / "Split-test").mkdir()
    write_examples(to_examples(test), str(tmp_path / "Split-test" / "examples-00000.tfrecord.gz"))

    def node(id_: str, key: str, uri: Path) -> Node:
        return Node(id_, "complete", 1.0, {key: (Output(str(uri), {}),)})

    nodes = (node("TemporalSplit", "examples", tmp_path), node("Transform", "transform_graph", tmp_path / "graph"))
    run = Run("1", datetime(2026, 1, 1, tzinfo=timezone.utc), nodes, ended=True)
    _, rows = prepared_splits(run, branch, config)
    assert {split: len(of_split) for split, of_split in rows.items()} == {"train": 600, "validation": 300, "test": 200}
    names = rows["test"].source_names
    assert [names[code] for code in rows["test"].source] == test["source"].to_pylist()
    assert impression_ids(split_files(run, "test")) == test["impression_id"].to_pylist()


def test_the_table_keeps_the_interval_on_a_screen_of_80_columns() -> None:
    rows = compare([kept_scores(200)], [kept_scores(200)], SLICES, (AP,))
    shown = fitting(columns(rows, (), "branches"), 80)
    assert "95 % interval" in [column.heading for column in shown]
    assert sum(column.width + 2 for column in shown) - 2 <= 80
