import numpy as np
import pytest

from benchmarks.others.exchange import inputs_of, job_of, task_weights, write_rows
from benchmarks.others.libraries.job import Input, Job
from benchmarks.others.libraries.rows import read_rows
from models.config import ModelConfig, TrainerConfig
from models.prepared_rows import PreparedRows
from models.spec import TrainingSpec
from tests.models.prepared import GENRES, LABELS, RECENT, RECIPES, SHOWS, WIDTH, rich_layout, rich_rows
from transforms.domain import DEFAULT_SOURCES

INPUTS = (
    Input("show", "id", 1, SHOWS, "show"),
    Input("genres", "ids", WIDTH, GENRES, "genres"),
    Input("recent", "ids", RECENT, SHOWS, "show"),  # shares the embeddings of `show`
    Input("source", "numbers", 1),
    Input("signal", "numbers", 2),
)


def spec(recipe: str = "joint", **trainer: object) -> TrainingSpec:
    return TrainingSpec(
        name=recipe,
        recipe=RECIPES[recipe],
        sources=DEFAULT_SOURCES,
        model=ModelConfig(embedding_dim=8, tower_units=(4,)),
        trainer=TrainerConfig(**trainer),
    )


def test_each_feature_is_an_input_and_features_that_share_rows_name_one_table():
    assert inputs_of(rich_layout()) == INPUTS


def test_a_library_trains_with_the_budget_of_the_branch():
    job = job_of(spec(epochs=3, patience=1, batch_size=64, learning_rate=0.01), rich_layout(), "mmoe", seed=5)
    assert job == Job(
        model="mmoe",
        inputs=INPUTS,
        tasks=("promotion_stream", "ad_stream", "click", "like", "follow"),
        deciding={"promotion": "promotion_stream", "ad": "ad_stream"},
        seed=5,
        epochs=3,
        patience=1,
        batch_size=64,
        learning_rate=0.01,
        dropout=0.4,
        embedding_dim=8,
        tower_units=(4,),
        units=(64, 64),
        shared_experts=4,
    )


def test_ple_has_experts_of_each_task():
    job = job_of(spec(), rich_layout(), "ple", seed=1)
    assert (job.units, job.shared_experts, job.task_experts) == ((32, 64), 3, 1)


def test_the_library_reads_the_rows_that_the_product_wrote(tmp_path):
    layout, rows = rich_layout(), rich_rows(30, 70)
    write_rows(tmp_path / "train.parquet", layout, rows, spec())
    result = read_rows(tmp_path / "train.parquet", job_of(spec(), layout, "mmoe", seed=1))
    np.testing.assert_array_equal(result.inputs["show"], rows.ids[:, 0])
    np.testing.assert_array_equal(result.inputs["genres"], rows.ids[:, 1 : 1 + WIDTH] - SHOWS)  # from 0
    np.testing.assert_array_equal(result.inputs["recent"], rows.ids[:, 1 + WIDTH :])
    np.testing.assert_array_equal(result.inputs["source"], rows.floats[:, :1])
    np.testing.assert_array_equal(result.inputs["signal"], rows.floats[:, 1:])
    np.testing.assert_array_equal(result.labels["ad_stream"], rows.label("stream"))
    np.testing.assert_array_equal(result.labels["like"], rows.label("like"))
    np.testing.assert_array_equal(result.source == "ad", rows.source == 1)
    np.testing.assert_array_equal(result.weights["promotion_stream"] == 0, rows.source == 1)  # the loss mask


def test_a_weight_of_a_loss_is_in_the_weights_of_the_rows(tmp_path):
    weighted = spec("single_task_pooled", loss_weights={"ad_stream": 0.5})
    write_rows(tmp_path / "rows.parquet", rich_layout(), rich_rows(3, 7), weighted)
    result = read_rows(tmp_path / "rows.parquet", job_of(weighted, rich_layout(), "mmoe", seed=1))
    np.testing.assert_array_equal(result.weights["ad_stream"], [0.5] * 10)


@pytest.mark.parametrize(
    ("recipe", "head", "expected"),
    [
        ("joint", "promotion_stream", [2, 0, 0, 0]),  # balanced: 4 rows / 2 sources / 1 promotion; masked on ads
        ("joint", "click", [2, 2 / 3, 2 / 3, 2 / 3]),
        ("single_task_pooled", "ad_stream", [1, 1, 1, 1]),
        ("ads_stream_only", "ad_stream", [1, 1, 1, 1]),
    ],
)
def test_a_row_counts_by_the_mask_and_the_balance(recipe, head, expected):
    empty = np.zeros((4, 0))
    source = np.array([0, 1, 1, 1], np.int8)
    rows = PreparedRows(empty, empty, np.zeros((4, len(LABELS)), np.int8), source, LABELS, DEFAULT_SOURCES)
    bound = RECIPES[recipe]
    np.testing.assert_allclose(task_weights(rows, bound, bound.task(head)), expected, rtol=1e-6)


def test_balanced_weights_of_one_source_are_1():
    empty = np.zeros((3, 0))
    rows = PreparedRows(empty, empty, np.zeros((3, len(LABELS)), np.int8), np.ones(3, np.int8), LABELS, DEFAULT_SOURCES)
    np.testing.assert_array_equal(task_weights(rows, RECIPES["joint"], RECIPES["joint"].task("click")), [1, 1, 1])
