import keras
import numpy as np
import pytest

from models.config import ModelConfig, TrainerConfig
from models.errors import TrainingError
from models.metrics.readings import readings, stream_ap
from models.recipes import RECIPES
from models.spec import TrainingSpec
from models.training.loop import Epoch, Trained, make_optimizer, train
from models.training.prepared_rows import Rows
from models.training.scoring import make_scorer
from tests.models.prepared import random_rows, small_layout

SIZES = ModelConfig(encoder_units=(16, 8), tower_units=(8,), embedding_dim=4, dropout=0.1)
TRAIN, VALIDATION = random_rows(600, 2400, seed=1), random_rows(200, 800, seed=2)


def spec(recipe: str = "joint", seed: int = 3, **trainer: object) -> TrainingSpec:
    quick = {"batch_size": 128, "epochs": 3, "learning_rate": 0.01, **trainer}
    return TrainingSpec(
        recipe_name=recipe,
        recipe=RECIPES[recipe],
        seed=seed,
        model=SIZES,
        trainer=TrainerConfig.model_validate(quick),
    )


class Recorder:
    def __init__(self) -> None:
        self.batches: list[int] = []
        self.epochs: list[Epoch] = []

    def step(self, examples: int) -> None:
        self.batches.append(examples)

    def epoch(self, epoch: Epoch) -> None:
        self.epochs.append(epoch)


@pytest.fixture(scope="module")
def joint() -> tuple[Trained, Recorder]:
    recorder = Recorder()
    return train(spec(), small_layout(), TRAIN, VALIDATION, [recorder]), recorder


def test_it_learns(joint: tuple[Trained, Recorder]) -> None:
    trained, _ = joint
    best = trained.epochs[trained.chosen - 1]
    for reading in best.readings:
        assert reading.ap is not None
        assert reading.ap > 1.3 * reading.positives / reading.examples, reading


def test_the_same_seed_gives_the_same_ap_and_weights(joint: tuple[Trained, Recorder]) -> None:
    first, _ = joint
    again = train(spec(), small_layout(), TRAIN, VALIDATION)
    assert [epoch.readings for epoch in again.epochs] == [epoch.readings for epoch in first.epochs]
    for one, other in zip(first.model.get_weights(), again.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_another_seed_gives_another_model(joint: tuple[Trained, Recorder]) -> None:
    first, _ = joint
    other = train(spec(seed=4, epochs=1), small_layout(), TRAIN, VALIDATION)
    assert other.epochs[0].readings != first.epochs[0].readings


def test_the_best_epoch_s_weights_are_restored(joint: tuple[Trained, Recorder]) -> None:
    trained, _ = joint
    judged = [epoch.stream_ap for epoch in trained.epochs]
    assert trained.chosen == int(np.argmax(judged)) + 1
    scores = make_scorer(trained.model)(VALIDATION)
    found = readings(RECIPES["joint"], scores, VALIDATION.labels, VALIDATION.source)
    assert stream_ap(RECIPES["joint"], found) == judged[trained.chosen - 1]


def test_training_stops_when_the_stream_ap_stops_rising() -> None:
    # A label that nothing predicts: what is learned after the first epochs is noise.
    noise = np.random.default_rng(0).random(TRAIN.labels.shape) < 0.3
    rows = Rows(TRAIN.ids, TRAIN.floats, noise.astype(np.int8), TRAIN.source)
    trained = train(spec(epochs=40, patience=2), small_layout(), rows, VALIDATION)
    assert len(trained.epochs) == trained.chosen + 2 < 40


def test_observers_hear_of_all_examples_and_epochs(joint: tuple[Trained, Recorder]) -> None:
    trained, recorder = joint
    assert tuple(recorder.epochs) == trained.epochs
    assert recorder.batches == [8 * 128, 8 * 128, 7 * 128] * len(trained.epochs)
    assert all(set(epoch.losses) == set(RECIPES["joint"].heads) for epoch in trained.epochs)


def test_validation_is_the_natural_mix(joint: tuple[Trained, Recorder]) -> None:
    trained, _ = joint
    assert {(one.source, one.examples) for one in trained.epochs[0].readings} == {("promotion", 200), ("ad", 800)}


@pytest.mark.parametrize("recipe", [name for name in RECIPES if name != "joint"])
def test_every_recipe_trains(recipe: str) -> None:
    trained = train(spec(recipe, epochs=1), small_layout(), TRAIN, VALIDATION)
    assert tuple(trained.epochs[0].losses) == RECIPES[recipe].heads


def test_a_training_split_without_a_source_of_the_recipe_is_an_error() -> None:
    with pytest.raises(TrainingError, match="no rows of source 'ad'"):
        train(spec(), small_layout(), random_rows(50, 0), VALIDATION)


def test_a_validation_split_without_streams_is_an_error() -> None:
    blank = Rows(VALIDATION.ids, VALIDATION.floats, np.zeros_like(VALIDATION.labels), VALIDATION.source)
    with pytest.raises(TrainingError, match="has a stream"):
        train(spec(epochs=1), small_layout(), TRAIN, blank)


def test_training_that_diverges_is_an_error() -> None:
    with pytest.raises(TrainingError, match=r"diverged in epoch 1: .* lower trainer.learning_rate \(now 1e\+30\)"):
        train(spec(learning_rate=1e30), small_layout(), TRAIN, VALIDATION)


def test_the_learning_rate_rises_then_falls() -> None:
    config = TrainerConfig(learning_rate=0.1, warmup=0.2, final_learning_rate=0.5)
    optimizer = make_optimizer(config, steps=10)
    rates = []
    variable = keras.Variable([0.0])
    optimizer.build([variable])
    for _ in range(11):
        rates.append(float(optimizer.learning_rate))
        optimizer.apply([np.zeros(1, np.float32)], [variable])
    np.testing.assert_allclose(rates[:3], [0.0, 0.05, 0.1], rtol=1e-5)
    assert rates[2:] == sorted(rates[2:], reverse=True)
    np.testing.assert_allclose(rates[-1], 0.05, rtol=1e-5)
