"""Adding an objective is adding a row to the table of tasks: a second stream head for ads, beside `ad_stream`."""

import numpy as np
import pytest

from models.config import ModelConfig, TrainerConfig
from models.metrics.readings import readings
from models.recipes import RECIPES, Recipe
from models.spec import TrainingSpec
from models.tasks import TASKS, Task
from models.training.loop import train
from models.training.losses import loss_mask
from tests.models.prepared import random_rows, small_layout
from transforms.labels import LABELS, SOURCES, Source

AD: frozenset[Source] = frozenset({"ad"})
NEW = "video_ad_stream"


@pytest.fixture
def recipe(monkeypatch: pytest.MonkeyPatch) -> Recipe:
    monkeypatch.setitem(TASKS, NEW, Task(NEW, "stream", AD, AD))
    return Recipe(sources=SOURCES, heads=("promotion_stream", "ad_stream", NEW, "click"), balanced=True)


def test_it_is_read_on_its_own_sources_beside_the_head_that_was_there(recipe: Recipe) -> None:
    assert recipe.read_on(NEW) == recipe.read_on("ad_stream") == AD
    assert recipe.heads_for("stream", "ad") == ("ad_stream", NEW)
    assert recipe.head_for("stream", "ad") == "ad_stream"
    assert recipe.read_on("promotion_stream") == {"promotion"}


def test_alone_it_is_read_where_no_other_head_is(recipe: Recipe) -> None:
    assert Recipe(sources=("ad",), heads=(NEW, "click")).read_on(NEW) == frozenset(SOURCES)
    assert Recipe(sources=("ad",), heads=(NEW, "ad_stream")).read_on(NEW) == AD


def test_every_head_of_every_recipe_is_read_somewhere(recipe: Recipe) -> None:
    for one in (recipe, *RECIPES.values()):
        for head in one.heads:
            assert one.read_on(head) >= TASKS[head].read_on


def test_its_loss_mask_is_its_row(recipe: Recipe) -> None:
    np.testing.assert_array_equal(loss_mask(recipe.heads), [[1, 1, 0, 1], [0, 1, 1, 1]])


def test_its_readings_are_its_own(recipe: Recipe) -> None:
    source = np.array([0, 0, 1, 1, 1])
    labels = np.zeros((5, len(LABELS)), np.int8)
    labels[:, LABELS.index("stream")] = [1, 0, 0, 1, 0]
    scores = {head: np.array([0.9, 0.1, 0.8, 0.2, 0.3]) for head in recipe.heads}
    scores[NEW] = np.array([0.1, 0.9, 0.2, 0.8, 0.3])
    found = {(one.head, one.source): one.ap for one in readings(recipe, scores, labels, source)}
    assert found[NEW, "ad"] == 1.0
    assert found["ad_stream", "ad"] == pytest.approx(1 / 3)
    assert (NEW, "promotion") not in found


def test_it_is_trained_and_read_every_epoch(recipe: Recipe) -> None:
    spec = TrainingSpec(
        recipe_name="with_video",
        recipe=recipe,
        model=ModelConfig(encoder_units=(16, 8), tower_units=(8,), embedding_dim=4),
        trainer=TrainerConfig(batch_size=128, epochs=2, learning_rate=0.01),
    )
    trained = train(spec, small_layout(), random_rows(600, 2400, seed=1), random_rows(200, 800, seed=2))
    for epoch in trained.epochs:
        assert [one.source for one in epoch.readings if one.head == NEW] == ["ad"]
    last = next(one for one in trained.epochs[-1].readings if one.head == NEW)
    assert last.ap is not None
    assert last.ap > 1.3 * last.positives / last.examples
