import json
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import tensorflow as tf
from tfx.components.trainer.fn_args_utils import FnArgs

from benchmarks.alternatives import Line, chosen_branches, columns, compared
from benchmarks.keys import SLICES, Keys, read_keys
from benchmarks.paired import Paired
from benchmarks.run_rows import prepared_splits, served_scores, split_files, true_probability
from logs.config import TiersConfig
from models.config import ModelConfig, TrainerConfig
from models.encoders.config import DenseConfig
from models.metrics.average_precision import average_precision
from models.training.trainer import run_fn
from pipeline.configuration.branches import Branch
from pipeline.configuration.config import Config
from pipeline.metadata.records import Node, Output, Run
from pipeline.terminal.fitting import fitting
from tests.labelled_rows import random_labelled
from tests.models.prepared import RECIPES, random_rows
from tests.models.training.artifacts import BUCKETS, write_artifacts
from transforms.domain import Domain
from transforms.examples import to_examples, write_examples


def keys(rows: int) -> Keys:
    """The first half of the rows has a new show and a tier below 5; no show is young."""
    half = np.arange(rows) < rows // 2
    return Keys(
        impression_id=np.arange(rows).astype(str),
        user_id=(np.arange(rows) % 20).astype(str),
        show_age_days=np.where(half, np.nan, 7.0),
        stream_tier=np.where(half, 4, 5),
        new_show=half,
        new_campaign=~half,
        new_creative=np.zeros(rows, bool),
    )


def test_each_slice_of_each_source_has_its_line() -> None:
    rows = random_rows(80, 120)
    rng = np.random.default_rng(0)
    ours, theirs, truth = rng.random(200), rng.random(200), rng.random(200)
    lines = {(line.source, line.slice_): line for line in compared(rows, keys(200), [ours], [theirs], truth, 20)}
    assert [*lines] == [(source, name) for source in ("promotion", "ad") for name in SLICES]
    of_ads = rows.of("ad")
    line, labels = lines["ad", "all"], rows.label("stream")[of_ads]
    assert (line.examples, line.positives) == (120, labels.sum())
    assert line.paired.ours == pytest.approx(average_precision(labels, ours[of_ads]))
    assert line.paired.theirs == pytest.approx(average_precision(labels, theirs[of_ads]))
    assert line.truth == pytest.approx(average_precision(labels, truth[of_ads]))
    new, high = lines["ad", "unseen shows"], lines["ad", "tiers 5 to 7"]
    assert new.examples == (of_ads < 100).sum()
    assert high.examples == lines["ad", "unseen campaigns"].examples == (of_ads >= 100).sum()
    young = lines["ad", "first 7 days"]
    assert (young.examples, young.paired, young.truth) == (0, None, None)


def test_a_source_that_no_head_scores_has_no_figure() -> None:
    rows = random_rows(80, 120)
    scores = np.where(rows.source == 0, 0.5, np.nan)
    lines = [*compared(rows, keys(200), [scores], [np.ones(200)], None, 5)]
    assert {line.source for line in lines if line.paired is not None} == {"promotion"}
    by_heading = {column.heading: [*column.cells] for column in columns(lines, "joint")}
    assert by_heading["source"] == ["promotion"] * 6 + ["ad"] * 6
    assert by_heading["joint"][6:] == by_heading["95 % interval"][6:] == ["none"] * 6
    assert by_heading["difference"][0] == "+0.0000"  # both score all promotions alike
    assert by_heading["truth"] == [""] * 12


def test_the_truth_is_that_of_the_impression(tmp_path: Path) -> None:
    assert true_probability(tmp_path / "none", keys(4)) is None
    folder = tmp_path / "impressions" / "date=2026-01-01"
    folder.mkdir(parents=True)
    pl.DataFrame({"impression_id": ["3", "0", "1", "2"], "p_stream": [0.3, 0.0, 0.1, 0.2]}).write_parquet(
        folder / "part.parquet"
    )
    np.testing.assert_array_equal(true_probability(tmp_path / "impressions", keys(4)), [0.0, 0.1, 0.2, 0.3])


def test_what_is_new_is_new_to_the_sources_that_the_model_learned_from(tmp_path: Path) -> None:
    files = {}
    for split, shows in (("train", ["a", "b"]), ("test", ["a", "b", "c"])):
        files[split] = [str(tmp_path / f"{split}.gz")]
        with tf.io.TFRecordWriter(files[split][0], tf.io.TFRecordOptions("GZIP")) as writer:
            for show in shows:
                texts = {"show_id": show, "source": "ad" if show == "b" else "promotion"}
                features = {
                    name: tf.train.Feature(bytes_list=tf.train.BytesList(value=[text.encode()]))
                    for name, text in texts.items()
                }
                writer.write(tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString())
    for trained_on, new in ((("promotion", "ad"), [False, False, True]), (("promotion",), [False, True, True])):
        assert read_keys(files["test"], files["train"], trained_on, TiersConfig()).new_show.tolist() == new


def test_branches_are_named_right_and_learn_from_the_same() -> None:
    config = Config()
    assert [branch.name for branch in chosen_branches(config, None)] == ["promotions_only"]
    assert [branch.name for branch in chosen_branches(config, ["joint"])] == ["joint"]
    with pytest.raises(SystemExit, match="--branch jiont: there is no such branch; valid names are promotions_only"):
        chosen_branches(config, ["joint", "jiont"])
    with pytest.raises(SystemExit, match="joint: it learns from other sources or inputs than promotions_only"):
        chosen_branches(config, ["promotions_only", "joint"])


@pytest.mark.slow
def test_the_rows_the_scores_and_the_keys_of_a_run_are_in_one_order(tmp_path: Path) -> None:
    config = Config.model_validate({"name": "small", "features": {"buckets": BUCKETS}})
    branch = Branch(
        name="joint",
        recipe_name="joint",
        recipe=RECIPES["joint"].model_copy(update={"encoder": DenseConfig(units=(8,))}),
        seed=0,
        model=ModelConfig(tower_units=(), embedding_dim=4),
        trainer=TrainerConfig(batch_size=64, epochs=1),
    )
    write_artifacts(tmp_path, config.features, Domain())
    test = random_labelled(200, seed=3, features=config.features.table(), domain=Domain())
    (tmp_path / "Split-test").mkdir()
    write_examples(to_examples(test), str(tmp_path / "Split-test" / "examples-00000.tfrecord.gz"))
    run_fn(
        FnArgs(
            train_files=[str(tmp_path / "Split-train" / "*")],
            eval_files=[str(tmp_path / "Split-validation" / "*")],
            transform_graph_path=str(tmp_path / "graph"),
            serving_model_dir=str(tmp_path / "model" / "Format-Serving"),
            model_run_dir=str(tmp_path / "logs"),
            base_model=None,
            custom_config=json.loads(
                json.dumps({"spec": branch.spec(config.domain, config.features).model_dump(mode="json")})
            ),
        )
    )

    def node(id_: str, key: str, uri: Path) -> Node:
        return Node(id_, "complete", 1.0, {key: (Output(str(uri), {}),)})

    nodes = (
        node("TemporalSplit", "examples", tmp_path),
        node("Transform", "transform_graph", tmp_path / "graph"),
        node("Trainer.joint", "model", tmp_path / "model"),
    )
    run = Run("1", datetime(2026, 1, 1, tzinfo=timezone.utc), nodes, ended=True)
    _, rows = prepared_splits(run, branch, config)
    assert {split: len(split_rows) for split, split_rows in rows.items()} == {
        "train": 600,
        "validation": 300,
        "test": 200,
    }
    names = rows["test"].source_names
    assert [names[code] for code in rows["test"].source] == test["source"].to_pylist()
    scores = served_scores(run, branch, config, split_files(run, "test"))
    assert scores.shape == (200,)
    assert (scores > 0).all() and (scores < 1).all()
    keys = read_keys(split_files(run, "test"), split_files(run, "train"), config.sources, TiersConfig())
    assert keys.user_id.tolist() == test["user_id"].to_pylist()
    np.testing.assert_allclose(keys.show_age_days, test["show_age_days"].to_numpy().astype(float))


def test_the_table_keeps_the_interval_on_a_screen_of_80_columns() -> None:
    pair = Paired(0.5267, 0.5245, -0.0123, 0.0167)
    lines = [Line("promotion", name, 10, 5, pair, 0.55) for name in SLICES]
    shown = fitting(columns(lines, "branches"), 80)
    assert "95 % interval" in [column.heading for column in shown]
    assert sum(column.width + 2 for column in shown) - 2 <= 80
