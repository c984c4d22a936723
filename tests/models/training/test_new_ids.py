"""The embedding rows of ids that training never met get the values of the missing id, if id dropout hides such ids."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from models.config import ModelConfig, TrainerConfig
from models.encoders.config import DenseConfig
from models.metrics.readings import readings, stream_ap
from models.network import embedding_table
from models.prepared_rows import PreparedRows
from models.spec import TrainingSpec
from models.training.epochs import Trained
from models.training.loop import train
from models.training.scoring import make_scorer
from models.training.warm_start import Carried
from tests.models.prepared import RECIPES, SHOWS, random_rows, small_layout

JOINT = RECIPES["joint"].model_copy(update={"encoder": DenseConfig(units=(8,), dropout=0.0)})
NEW = 40
"""Shows from this one on are in no training row."""


def with_shows(rows: PreparedRows, shows: np.ndarray | int) -> PreparedRows:
    ids = rows.ids.copy()
    ids[:, 0] = shows
    return replace(rows, ids=ids)


def known(rows: PreparedRows) -> PreparedRows:
    return with_shows(rows, 1 + rows.ids[:, 0] % (NEW - 1))


TRAIN, VALIDATION = known(random_rows(300, 900, seed=1)), random_rows(100, 400, seed=2)


def trained(id_dropout: float = 0.3, start: np.ndarray | None = None, **trainer: object) -> Trained:
    """A model that starts from an embedding table, if one is given."""

    def take_over(model: keras.Model) -> Carried:
        if start is not None:
            embedding_table(model).assign(start)
        return Carried("none", (), (), {}, {}, ())

    spec = TrainingSpec(
        name="joint",
        recipe=JOINT,
        sources=("promotion", "ad"),
        seed=3,
        model=ModelConfig(tower_units=(), embedding_dim=4, id_dropout=id_dropout, id_dropout_features=("show",)),
        trainer=TrainerConfig.model_validate({"batch_size": 128, "epochs": 2, "learning_rate": 0.01, **trainer}),
    )
    return train(spec, small_layout(), TRAIN, VALIDATION, start=take_over)


def table(result: Trained) -> np.ndarray:
    values: np.ndarray = embedding_table(result.model).numpy()
    return values


@pytest.mark.parametrize("average_decay", [0.0, 0.9])
def test_a_new_id_scores_like_a_hidden_one_in_validation_too(average_decay: float) -> None:
    result = trained(average_decay=average_decay)
    score = make_scorer(result.model)
    new, hidden, other = (score(with_shows(VALIDATION, show)) for show in (NEW, 0, 1))
    for head in JOINT.heads:
        np.testing.assert_array_equal(new[head], hidden[head])
        assert (other[head] != hidden[head]).any()
    validated = readings(JOINT, score(VALIDATION), VALIDATION)
    assert stream_ap(JOINT, validated, {}) == result.epochs[result.chosen - 1].stream_ap


def test_only_rows_of_hidden_features_that_no_step_moved_follow_the_missing_id() -> None:
    values = table(trained())
    follows = (values == values[0]).all(axis=1)
    np.testing.assert_array_equal(np.flatnonzero(follows), [0, *range(NEW, SHOWS)])


def test_without_id_dropout_new_ids_keep_their_rows() -> None:
    values = table(trained(id_dropout=0.0))
    assert not (values[NEW:SHOWS] == values[0]).all(axis=1).any()


def test_a_row_that_another_model_learned_stays_and_one_that_followed_follows_again() -> None:
    start = table(trained())
    start[NEW] = 0.25  # a show that the other model knew
    values = table(trained(start=start))
    np.testing.assert_array_equal(values[NEW], start[NEW])
    assert (values[0] != start[0]).any()
    np.testing.assert_array_equal(values[NEW + 1 : SHOWS], np.tile(values[0], (SHOWS - NEW - 1, 1)))
