"""Each switch of training, in a whole training run."""

import keras
import numpy as np
import pytest

from models.config import ModelConfig, TrainerConfig
from models.encoders.config import DenseConfig, EncoderConfig, TabmConfig
from models.metrics.readings import readings, stream_ap
from models.network import embedding_table
from models.spec import TrainingSpec
from models.training.epochs import Epoch, Trained
from models.training.loop import train
from models.training.scoring import make_scorer
from models.training.warm_start import Carried
from tests.models.prepared import RECIPES, random_rows, small_layout

JOINT = RECIPES["joint"]
DENSE = DenseConfig(units=(16, 8), dropout=0.1)
TRAIN, VALIDATION = random_rows(300, 1200, seed=1), random_rows(100, 400, seed=2)


class Watcher:
    """Keeps the embedding table and the weights of the model at the start and after each epoch."""

    def __init__(self) -> None:
        self.model: keras.Model | None = None
        self.tables: list[np.ndarray] = []
        self.weights: list[list[np.ndarray]] = []

    def start(self, model: keras.Model) -> Carried:
        self.model = model
        self._keep()
        return Carried("none", (), (), {}, {}, ())

    def begin(self, examples: int) -> None: ...

    def step(self, examples: int) -> None: ...

    def epoch(self, epoch: Epoch) -> None:
        self._keep()

    def _keep(self) -> None:
        self.tables.append(embedding_table(self.model).numpy())
        self.weights.append(self.model.get_weights())


def trained(
    encoder: EncoderConfig = DENSE, model: dict | None = None, watcher: Watcher | None = None, **trainer: object
) -> Trained:
    spec = TrainingSpec(
        name="joint",
        recipe=JOINT.model_copy(update={"encoder": encoder}),
        sources=("promotion", "ad"),
        seed=3,
        model=ModelConfig(tower_units=(8,), embedding_dim=4, **(model or {})),
        trainer=TrainerConfig.model_validate({"batch_size": 128, "epochs": 2, "learning_rate": 0.01, **trainer}),
    )
    watcher = watcher or Watcher()
    return train(spec, small_layout(), TRAIN, VALIDATION, [watcher], watcher.start)


def changed(before: list[np.ndarray], after: list[np.ndarray]) -> bool:
    return any((old != new).any() for old, new in zip(before, after, strict=True))


def test_the_average_of_the_weights_is_validated_and_kept_and_training_goes_on_with_the_last_ones() -> None:
    last, averaged = Watcher(), Watcher()
    trained(watcher=last)
    result = trained(watcher=averaged, average_decay=0.9)
    # The steps are the same with and without an average. The model that is kept has other weights than the last ones.
    for own, other in zip(last.weights, averaged.weights, strict=True):
        assert not changed(own, other)
    assert changed(averaged.weights[result.chosen], result.model.get_weights())
    validated = readings(JOINT, make_scorer(result.model)(VALIDATION), VALIDATION)
    assert stream_ap(JOINT, validated, {}) == result.epochs[result.chosen - 1].stream_ap
    assert not changed(result.model.get_weights(), trained(average_decay=0.9).model.get_weights())


def test_embeddings_learn_in_their_first_epochs_only() -> None:
    watcher = Watcher()
    result = trained(watcher=watcher, epochs=3, patience=3, embedding_epochs=1, average_decay=0.5)
    start, first, second, third = watcher.tables
    assert (first != start).any()
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, third)
    assert changed(watcher.weights[2], watcher.weights[3])
    assert len(result.epochs) == 3


def test_rows_of_ids_that_no_batch_has_stay_as_they_began() -> None:
    watcher = Watcher()
    trained(watcher=watcher, embedding_weight_decay=0.1)
    seen = np.zeros(len(watcher.tables[0]), bool)
    seen[TRAIN.ids.ravel()] = True
    assert not seen[0]  # no show is missing
    moved = (watcher.tables[0] != watcher.tables[-1]).any(axis=1)
    np.testing.assert_array_equal(moved, seen)


@pytest.mark.parametrize("switch", ["weight_decay", "embedding_weight_decay"])
def test_weight_decay_makes_the_weights_that_it_names_smaller_and_no_others(switch: str) -> None:
    # So small a rate moves the weights by nothing but the decay: 2 epochs of 11 steps at 1e-4 * 100 or less.
    watcher = Watcher()
    trained(watcher=watcher, learning_rate=1e-4, warmup=0.0, final_learning_rate=1.0, **{switch: 100.0})
    paths = [weight.path for weight in watcher.model.weights]
    before, after = (dict(zip(paths, watcher.weights[place], strict=True)) for place in (0, -1))
    for path in paths:
        ratio = float(np.linalg.norm(after[path]) / (np.linalg.norm(before[path]) + 1e-9))
        is_kernel, is_table = path.endswith("kernel"), path == "embedding/embeddings"
        decayed = is_kernel if switch == "weight_decay" else is_table
        if is_kernel or is_table:
            assert (ratio < 0.85) == decayed, (path, ratio)


def test_an_embedding_dropout_changes_training_and_no_score() -> None:
    plain, dropped = trained(epochs=1), trained(epochs=1, model={"embedding_dropout": 0.5})
    assert [weight.path for weight in plain.model.weights] == [weight.path for weight in dropped.model.weights]
    assert changed(plain.model.get_weights(), dropped.model.get_weights())
    plain.model.set_weights(dropped.model.get_weights())
    inputs = {"ids": VALIDATION.ids, "floats": VALIDATION.floats}
    for head in JOINT.heads:
        np.testing.assert_array_equal(plain.model(inputs)[head], dropped.model(inputs)[head])


def test_an_ensemble_trains_and_scores_with_its_mean_probability() -> None:
    result = trained(TabmConfig(members=3, units=(16, 8), dropout=0.0), average_decay=0.5)
    best = result.epochs[result.chosen - 1]
    for reading in best.readings:
        assert reading.ap is not None
    scores = make_scorer(result.model)(VALIDATION)
    assert stream_ap(JOINT, readings(JOINT, scores, VALIDATION), {}) == best.stream_ap
    tower = result.model.get_layer("tower_click")
    features = keras.Model(result.model.inputs, result.model.get_layer("features").output)
    z = result.model.get_layer("encoder")(features({"ids": VALIDATION.ids, "floats": VALIDATION.floats}))["click"]
    members = 1 / (1 + np.exp(-np.asarray(tower(z, training=True), np.float64)))
    np.testing.assert_allclose(1 / (1 + np.exp(-scores["click"])), members.mean(axis=1), rtol=0, atol=1e-6)
