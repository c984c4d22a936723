"""Fine-tuning with a frozen encoder, and training on a sample of the rows."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from models.errors import TrainingError
from models.training.epochs import Trained
from models.training.loop import train
from models.training.sample import sampled
from models.training.warm_start import Carried
from tests.models.prepared import random_rows, small_layout
from tests.models.training.test_loop import TRAIN, VALIDATION, spec

OLD_HEADS = {"promotion_stream": 0.0, "ad_stream": 0.0, "click": 0.0, "like": 0.0}


def trained_from(
    fresh: tuple[str, ...] = ("tower_follow/logit/bias",), **trainer: object
) -> tuple[dict[str, np.ndarray], Trained]:
    """The weights before training that starts from some model and that `follow` decides, and the trained model."""
    before: dict[str, np.ndarray] = {}

    def start(model: keras.Model) -> Carried:
        before.update({weight.path: weight.numpy() for weight in model.weights})
        return Carried("the start", (), fresh, {}, {}, ())

    return before, train(spec(decided_by="follow", **trainer), small_layout(), TRAIN, VALIDATION, start=start)


def changed_paths(before: dict[str, np.ndarray], trained: Trained) -> set[str]:
    weights = {weight.path: weight.numpy() for weight in trained.model.weights}
    return {path for path in before if not np.array_equal(before[path], weights[path])}


def test_only_the_tower_of_the_new_task_changes_not_a_bit_of_anything_else() -> None:
    settings = {"weight_decay": 0.1, "embedding_weight_decay": 0.1, "average_decay": 0.9}
    changed = changed_paths(*trained_from(frozen_encoder=True, loss_weights=OLD_HEADS, **settings))
    assert {path.split("/")[0] for path in changed} == {"tower_follow"}


def test_without_it_embeddings_encoder_and_statistics_of_batch_norm_change_and_the_named_task_decides() -> None:
    before, trained = trained_from(loss_weights=OLD_HEADS)
    changed = changed_paths(before, trained)
    assert {path.split("/")[0] for path in changed} >= {"embedding", "encoder", "tower_follow"}
    assert any("moving_mean" in path for path in changed)
    for epoch in trained.epochs:
        follows = [value.ap for value in epoch.readings if value.head == "follow"]
        assert epoch.stream_ap == pytest.approx(np.mean(follows))


def test_the_encoder_of_no_model_cannot_be_frozen() -> None:
    with pytest.raises(TrainingError, match=r"^trainer.frozen_encoder: there is no model to start from"):
        train(spec(frozen_encoder=True), small_layout(), TRAIN, VALIDATION)


def test_weights_that_would_stay_random_are_refused() -> None:
    with pytest.raises(TrainingError, match=r"the start has no weights for encoder/dense_0/kernel, and they never"):
        trained_from(("tower_follow/logit/bias", "encoder/dense_0/kernel"), frozen_encoder=True)


def test_a_smaller_sample_is_part_of_a_larger_one_and_keeps_the_order() -> None:
    rows = replace(random_rows(30, 70), floats=np.arange(200, dtype=np.float32).reshape(100, 2))
    small, large = ([int(row[0]) // 2 for row in sampled(rows, count, seed=1).floats] for count in (10, 40))
    assert (len(small), len(large)) == (10, 40)
    assert set(small) < set(large)
    assert small == sorted(small)
    assert small != [int(row[0]) // 2 for row in sampled(rows, 10, seed=2).floats]
    assert sampled(rows, 100, seed=1) is rows
    assert sampled(rows, None, seed=1) is rows


def test_a_new_tower_that_does_not_learn_is_refused() -> None:
    with pytest.raises(TrainingError, match=r"the start has no weights for tower_like/logit/bias, and they never"):
        trained_from(("tower_like/logit/bias",), frozen_encoder=True, loss_weights=OLD_HEADS)
