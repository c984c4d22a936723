"""A new objective is a new row of the table of tasks: a second stream head for ads, or a new label."""

from dataclasses import replace

import numpy as np
import pytest

from models.config import ModelConfig, TrainerConfig
from models.metrics.readings import readings
from models.prepared_rows import PreparedRows
from models.recipes import Recipe, RecipeConfig, bind
from models.spec import TrainingSpec
from models.tasks import DEFAULT_TASKS, TaskConfig
from models.training.loop import train
from models.training.losses import loss_mask
from tests.models.prepared import RECIPES, random_rows, small_layout

NEW = "video_ad_stream"
TASKS = {
    **DEFAULT_TASKS,
    NEW: TaskConfig(label="stream", trained_on=("ad",), read_on=("ad",)),
    "save": TaskConfig(label="save", trained_on=("email", "ad"), read_on=("email",)),
}


def recipe(*heads: str, trained_on: tuple[str, ...] = ("promotion", "ad"), **values: object) -> Recipe:
    row = {"trained_on": trained_on, "heads": heads, **values}
    return bind(RecipeConfig.model_validate(row), TASKS)


WITH_NEW = recipe("promotion_stream", "ad_stream", NEW, "click", balanced=True, encoder={"units": (16, 8)})


def test_it_is_read_on_its_own_sources_beside_the_head_that_was_there() -> None:
    assert WITH_NEW.sources_of(NEW) == WITH_NEW.sources_of("ad_stream") == ("ad",)
    assert WITH_NEW.heads_for("stream", "ad") == ("ad_stream", NEW)
    assert WITH_NEW.head_for("stream", "ad") == "ad_stream"
    assert WITH_NEW.sources_of("promotion_stream") == ("promotion",)


def test_alone_it_is_read_where_no_other_head_is() -> None:
    both = ("promotion", "ad")
    assert recipe(NEW, "click", trained_on=("ad",), read_on=both).sources_of(NEW) == both
    assert recipe(NEW, "ad_stream", trained_on=("ad",), read_on=both).sources_of(NEW) == ("ad",)


def test_every_head_of_every_recipe_is_read_on_the_sources_of_its_task() -> None:
    for row in (WITH_NEW, *RECIPES.values()):
        for task in row.tasks:
            assert set(row.sources_of(task.name)) >= set(task.read_on)


def test_its_loss_mask_is_its_row() -> None:
    np.testing.assert_array_equal(loss_mask(WITH_NEW.tasks, ("promotion", "ad")), [[1, 1, 0, 1], [0, 1, 1, 1]])


def test_its_readings_are_its_own() -> None:
    rows = random_rows(2, 3)
    labels = np.zeros_like(rows.labels)
    labels[:, rows.label_names.index("stream")] = [1, 0, 0, 1, 0]
    rows = replace(rows, labels=labels, source=np.array([0, 0, 1, 1, 1], np.int8))
    scores = {head: np.array([0.9, 0.1, 0.8, 0.2, 0.3]) for head in WITH_NEW.heads}
    scores[NEW] = np.array([0.1, 0.9, 0.2, 0.8, 0.3])
    aps = {(reading.head, reading.source): reading.ap for reading in readings(WITH_NEW, scores, rows)}
    assert aps[NEW, "ad"] == 1.0
    assert aps["ad_stream", "ad"] == pytest.approx(1 / 3)
    assert (NEW, "promotion") not in aps


def spec(row: Recipe, *sources: str) -> TrainingSpec:
    return TrainingSpec(
        name="new",
        recipe=row,
        sources=sources,
        model=ModelConfig(tower_units=(8,), embedding_dim=4),
        trainer=TrainerConfig(batch_size=128, epochs=2, learning_rate=0.01),
    )


def test_it_is_trained_and_read_every_epoch() -> None:
    train_rows, validation = random_rows(600, 2400, seed=1), random_rows(200, 800, seed=2)
    trained = train(spec(WITH_NEW, "promotion", "ad"), small_layout(), train_rows, validation)
    for epoch in trained.epochs:
        assert [reading.source for reading in epoch.readings if reading.head == NEW] == ["ad"]
    last = next(reading for reading in trained.epochs[-1].readings if reading.head == NEW)
    assert last.ap is not None
    assert last.ap > 1.3 * last.positives / last.examples


def test_a_label_and_a_source_of_one_s_own_are_trained_and_read() -> None:
    row = recipe("ad_stream", "save", trained_on=("ad", "email"), encoder={"units": (16, 8)})

    def own(seed: int) -> PreparedRows:
        rows = random_rows(400, 800, seed=seed)
        labels = rows.labels[:, [rows.label_names.index("stream"), rows.label_names.index("click")]]
        return replace(rows, labels=labels, label_names=("stream", "save"), source_names=("email", "ad"))

    trained = train(spec(row, "email", "ad"), small_layout(), own(1), own(2))
    values = trained.epochs[-1].readings
    assert {(reading.head, reading.source, reading.examples) for reading in values} == {
        *(("ad_stream", "ad", 800), ("ad_stream", "email", 400)),  # the only stream head
        ("save", "email", 400),  # other tasks are measured where they say
    }
    for value in values:
        assert value.ap is not None
        assert value.ap > 1.2 * value.positives / value.examples
