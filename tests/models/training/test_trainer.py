"""The whole trainer as TFX calls it, on a real Transform graph."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf
from tfx.components.trainer.fn_args_utils import FnArgs

from models.config import ModelConfig, TrainerConfig
from models.metrics.average_precision import average_precision
from models.recipes import RECIPES
from models.spec import TrainingSpec
from models.training.trainer import run_fn
from tests.labelled_rows import random_labelled
from tests.transforms.analysis import analyse
from transforms.config import FeaturesConfig
from transforms.examples import to_examples, write_examples

pytestmark = pytest.mark.slow

SPEC = TrainingSpec(
    recipe_name="promotions_only",
    recipe=RECIPES["promotions_only"],
    features=FeaturesConfig(buckets=dict.fromkeys(("show_id", "episode_id", "publisher", "campaign_id"), 100)),
    model=ModelConfig(encoder_units=(16,), tower_units=(), embedding_dim=4),
    trainer=TrainerConfig(batch_size=64, epochs=2, learning_rate=0.01),
)
VALIDATION = random_labelled(300, seed=2)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    train = random_labelled(600, seed=1)
    for split, rows in (("train", train), ("validation", VALIDATION)):
        path = folder / f"Split-{split}" / "examples-00000.tfrecord.gz"
        path.parent.mkdir()
        write_examples(to_examples(rows), str(path))
    analyse(train, SPEC.features, folder)
    run_fn(
        FnArgs(
            train_files=[str(folder / "Split-train" / "*")],
            eval_files=[str(folder / "Split-validation" / "*")],
            transform_graph_path=str(folder / "graph"),
            serving_model_dir=str(folder / "model"),
            model_run_dir=str(folder / "logs"),
            custom_config=json.loads(json.dumps({"spec": SPEC.model_dump(mode="json")})),
        )
    )
    return folder


def test_the_exported_model_is_the_chosen_epoch_s(run: Path) -> None:
    report = json.loads((run / "logs" / "training.json").read_text())
    chosen = report["epochs"][report["chosen_epoch"] - 1]
    served = tf.saved_model.load(str(run / "model")).signatures["serving_default"]
    scores = served(examples=tf.constant(list(to_examples(VALIDATION))))
    assert set(scores) == set(SPEC.recipe.heads)
    read = {(one["head"], one["source"]): one for one in chosen["readings"]}
    for source in ("promotion", "ad"):
        of_source = pa.compute.equal(VALIDATION["source"], source).to_numpy()
        labels = VALIDATION["stream"].to_numpy()[of_source]
        ap = average_precision(labels, scores["promotion_stream"].numpy()[of_source])
        assert ap == pytest.approx(read["promotion_stream", source]["ap"], rel=1e-6)
        assert read["promotion_stream", source]["positives"] == labels.sum()


def test_it_leaves_tensorboard_events_and_the_report(run: Path) -> None:
    names = sorted(file.name.split(".")[0] for file in (run / "logs").iterdir())
    assert names == ["events", "training"]
    assert np.isfinite(
        [epoch["stream_ap"] for epoch in json.loads((run / "logs/training.json").read_text())["epochs"]]
    ).all()
