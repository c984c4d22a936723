from dataclasses import replace

import numpy as np
import pytest

from models.calibration import IDENTITY
from models.config import ModelConfig, TrainerConfig
from models.encoders.config import DenseConfig, MmoeConfig, PleConfig
from models.errors import TrainingError
from models.metrics.readings import readings, stream_ap
from models.spec import TrainingSpec
from models.training.epochs import Epoch, Trained
from models.training.loop import train
from models.training.scoring import make_scorer
from tests.models.prepared import RECIPES, SWITCHES, random_rows, rich_layout, rich_rows, small_layout

SIZES = ModelConfig(tower_units=(8,), embedding_dim=4)
ENCODERS = {
    "dense": DenseConfig(units=(16, 8), dropout=0.1),
    "mmoe": MmoeConfig(experts=2, units=(8,), dropout=0.1),
    "ple": PleConfig(shared_experts=1, units=(8, 8), dropout=0.1, output_activation="swish"),
}
TRAIN, VALIDATION = random_rows(600, 2400, seed=1), random_rows(200, 800, seed=2)


def spec(recipe: str = "joint", seed: int = 3, **trainer: object) -> TrainingSpec:
    quick = {"batch_size": 128, "epochs": 3, "learning_rate": 0.01, **trainer}
    return TrainingSpec(
        name=recipe,
        recipe=RECIPES[recipe].model_copy(update={"encoder": ENCODERS[RECIPES[recipe].encoder.kind]}),
        sources=("promotion", "ad"),
        seed=seed,
        model=SIZES,
        trainer=TrainerConfig.model_validate(quick),
    )


class Recorder:
    def __init__(self) -> None:
        self.batches: list[int] = []
        self.epochs: list[Epoch] = []
        self.begun: list[int] = []

    def begin(self, examples: int) -> None:
        self.begun.append(examples)

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
    for weight, other in zip(first.model.get_weights(), again.model.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, other)


def test_another_seed_gives_another_model(joint: tuple[Trained, Recorder]) -> None:
    first, _ = joint
    other = train(spec(seed=4, epochs=1), small_layout(), TRAIN, VALIDATION)
    assert other.epochs[0].readings != first.epochs[0].readings


def test_the_best_epoch_s_weights_are_restored(joint: tuple[Trained, Recorder]) -> None:
    trained, _ = joint
    judged = [epoch.stream_ap for epoch in trained.epochs]
    assert trained.chosen == int(np.argmax(judged)) + 1
    scores = make_scorer(trained.model)(VALIDATION)
    validated = readings(RECIPES["joint"], scores, VALIDATION)
    assert stream_ap(RECIPES["joint"], validated, {}) == judged[trained.chosen - 1]


def test_the_heads_are_calibrated_on_the_validation_of_the_best_epoch(joint: tuple[Trained, Recorder]) -> None:
    trained, _ = joint
    recipe, logits = RECIPES["joint"], make_scorer(trained.model)(VALIDATION)
    assert tuple(trained.calibrations) == recipe.heads
    for task in recipe.tasks:
        measured = np.concatenate([VALIDATION.of(source) for source in recipe.sources_of(task.name)])
        calibration, labels = trained.calibrations[task.name], VALIDATION.label(task.label)[measured]
        expected = 1 / (1 + np.exp(-(calibration.scale * logits[task.name][measured] + calibration.bias)))
        assert calibration.note is None
        assert expected.sum() == pytest.approx(labels.sum(), rel=1e-5)


def test_calibration_can_be_switched_off_and_changes_no_weight(joint: tuple[Trained, Recorder]) -> None:
    first, _ = joint
    plain = train(spec(calibrate=False), small_layout(), TRAIN, VALIDATION)
    assert plain.calibrations == dict.fromkeys(RECIPES["joint"].heads, IDENTITY)
    for weight, other in zip(first.model.get_weights(), plain.model.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, other)


def test_training_stops_when_the_stream_ap_stops_rising() -> None:
    # Nothing predicts these labels: after the first epochs the model learns noise.
    noise = np.random.default_rng(0).random(TRAIN.labels.shape) < 0.3
    rows = replace(TRAIN, labels=noise.astype(np.int8))
    trained = train(spec(epochs=40, patience=2), small_layout(), rows, VALIDATION)
    assert len(trained.epochs) == trained.chosen + 2 < 40


def test_observers_get_all_examples_and_epochs(joint: tuple[Trained, Recorder]) -> None:
    trained, recorder = joint
    assert tuple(recorder.epochs) == trained.epochs
    assert recorder.begun == [23 * 128]
    assert recorder.batches == [8 * 128, 8 * 128, 7 * 128] * len(trained.epochs)
    assert all(set(epoch.losses) == set(RECIPES["joint"].heads) for epoch in trained.epochs)


def test_observers_get_the_examples_of_an_epoch_without_those_of_other_sources() -> None:
    recorder = Recorder()
    train(spec("ads_stream_only", epochs=1), small_layout(), TRAIN, VALIDATION, [recorder])
    assert recorder.begun == [sum(recorder.batches)] == [2400 // 128 * 128]


def test_a_head_of_weight_0_does_not_choose_the_epoch() -> None:
    weights = dict.fromkeys(RECIPES["joint"].heads, 1.0) | {"ad_stream": 0.0}
    trained = train(spec(epochs=1, loss_weights=weights), small_layout(), TRAIN, VALIDATION)
    (epoch,) = trained.epochs
    (of_promotions,) = (value.ap for value in epoch.readings if value.head == "promotion_stream")
    assert epoch.stream_ap == of_promotions


def test_validation_is_the_natural_mix(joint: tuple[Trained, Recorder]) -> None:
    trained, _ = joint
    assert {(reading.source, reading.examples) for reading in trained.epochs[0].readings} == {
        ("promotion", 200),
        ("ad", 800),
    }


@pytest.mark.parametrize("recipe", [name for name in RECIPES if name != "joint"])
def test_every_recipe_trains(recipe: str) -> None:
    trained = train(spec(recipe, epochs=1), small_layout(), TRAIN, VALIDATION)
    assert tuple(trained.epochs[0].losses) == RECIPES[recipe].heads
    # Two experts of all heads; or, on each of two levels, one shared expert and one of each of five heads.
    assert len(trained.experts) == {"dense": 0, "mmoe": 2, "ple": 12}[RECIPES[recipe].encoder.kind]
    assert [use.problem for use in trained.experts] == [None] * len(trained.experts)


def test_a_training_split_without_a_source_of_the_recipe_is_an_error() -> None:
    with pytest.raises(TrainingError, match="no training rows of source 'ad'"):
        train(spec(), small_layout(), random_rows(50, 0), VALIDATION)


def test_a_validation_split_without_streams_is_an_error() -> None:
    blank = replace(VALIDATION, labels=np.zeros_like(VALIDATION.labels))
    with pytest.raises(TrainingError, match="has a stream"):
        train(spec(epochs=1), small_layout(), TRAIN, blank)


def test_training_that_diverges_is_an_error() -> None:
    with pytest.raises(TrainingError, match=r"diverged in epoch 1: .* lower trainer.learning_rate \(now 1e\+30\)"):
        train(spec(learning_rate=1e30), small_layout(), TRAIN, VALIDATION)


def test_a_model_with_all_kinds_of_inputs_learns_in_the_compiled_step_the_same_each_time() -> None:
    train_rows, validation = rich_rows(300, 1200, seed=1), rich_rows(200, 800, seed=2)
    first, second = (
        train(spec(epochs=2).model_copy(update={"model": SWITCHES}), rich_layout(), train_rows, validation)
        for _ in range(2)
    )
    for weight, again in zip(first.model.get_weights(), second.model.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, again)
    losses = [sum(epoch.losses.values()) for epoch in first.epochs]
    assert losses[1] < losses[0]


def test_an_epoch_has_the_weights_of_the_tasks_and_the_share_of_conflicts() -> None:
    learned = train(spec(epochs=1, balancer="uncertainty"), small_layout(), TRAIN, VALIDATION).epochs[0].balance
    assert learned.weights is not None
    assert set(learned.weights) == set(RECIPES["joint"].heads)
    assert learned.conflicts is None
    first, second = (train(spec(epochs=1, balancer="pcgrad"), small_layout(), TRAIN, VALIDATION) for _ in range(2))
    assert first.epochs[0].balance.weights is None
    assert first.epochs[0].balance.conflicts is not None
    assert 0.0 < first.epochs[0].balance.conflicts < 1.0
    assert first.epochs[0].balance == second.epochs[0].balance
    for weight, again in zip(first.model.get_weights(), second.model.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, again)
