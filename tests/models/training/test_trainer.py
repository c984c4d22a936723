"""The whole trainer as TFX calls it, on a real Transform graph."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf
from tfx.components.trainer.fn_args_utils import FnArgs

from models.config import ModelConfig, TrainerConfig
from models.encoders.config import MmoeConfig
from models.errors import TrainingError
from models.metrics.average_precision import average_precision
from models.spec import TrainingSpec
from models.training.trainer import run_fn
from tests.models.prepared import RECIPES
from tests.models.training.artifacts import BUCKETS, write_artifacts
from tests.models.training.test_reports import scalars
from transforms.config import FeaturesConfig
from transforms.domain import Domain

pytestmark = pytest.mark.slow

FEATURES = FeaturesConfig(buckets=BUCKETS)
SPEC = TrainingSpec(
    name="baseline",
    recipe=RECIPES["promotions_only"].model_copy(update={"encoder": MmoeConfig(experts=2, units=(16,))}),
    sources=("promotion", "ad"),
    features=FEATURES.chosen(),
    model=ModelConfig(tower_units=(), embedding_dim=4),
    trainer=TrainerConfig(batch_size=64, epochs=2, learning_rate=0.01),
)


def trained(artifacts: Path, out: Path, base_model: str | None = None, spec: TrainingSpec = SPEC) -> dict:
    """Runs the trainer; its report."""
    run_fn(
        FnArgs(
            train_files=[str(artifacts / "Split-train" / "*")],
            eval_files=[str(artifacts / "Split-validation" / "*")],
            transform_graph_path=str(artifacts / "graph"),
            serving_model_dir=str(out / "model"),
            model_run_dir=str(out / "logs"),
            base_model=base_model,
            custom_config=json.loads(json.dumps({"spec": spec.model_dump(mode="json")})),
        )
    )
    return json.loads((out / "logs" / "training.json").read_text())


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pa.Table]:
    folder = tmp_path_factory.mktemp("run")
    validation = write_artifacts(folder, FEATURES, Domain())
    trained(folder, folder)
    return folder, validation


def test_the_exported_model_is_the_chosen_epoch_s(run: tuple[Path, pa.Table]) -> None:
    folder, validation = run
    report = json.loads((folder / "logs" / "training.json").read_text())
    chosen = report["epochs"][report["chosen_epoch"] - 1]
    served = tf.saved_model.load(str(folder / "model")).signatures["serving_default"]
    paths = str(folder / "Split-validation" / "*")
    examples = [*tf.data.TFRecordDataset(tf.io.gfile.glob(paths), "GZIP").as_numpy_iterator()]
    scores = served(examples=tf.constant(examples))
    assert set(scores) == set(SPEC.recipe.heads)
    by_place = {(reading["head"], reading["source"]): reading for reading in chosen["readings"]}
    for source in ("promotion", "ad"):
        of_source = pa.compute.equal(validation["source"], source).to_numpy()
        labels = validation["stream"].to_numpy()[of_source]
        ap = average_precision(labels, scores["promotion_stream"].numpy()[of_source])
        assert ap == pytest.approx(by_place["promotion_stream", source]["ap"], rel=1e-6)
        assert by_place["promotion_stream", source]["positives"] == labels.sum()


def test_the_exported_probabilities_add_up_to_the_outcomes_of_validation(run: tuple[Path, pa.Table]) -> None:
    folder, validation = run
    report = json.loads((folder / "logs" / "training.json").read_text())
    served = tf.saved_model.load(str(folder / "model")).signatures["serving_default"]
    paths = str(folder / "Split-validation" / "*")
    examples = [*tf.data.TFRecordDataset(tf.io.gfile.glob(paths), "GZIP").as_numpy_iterator()]
    scores = served(examples=tf.constant(examples))
    fitted = [head for head, calibration in report["calibrations"].items() if calibration["bias"]]
    assert "promotion_stream" in fitted
    for head in fitted:
        (label,) = (task.label for task in SPEC.recipe.tasks if task.name == head)
        expected = scores[head].numpy().sum(dtype=np.float64)
        assert expected == pytest.approx(validation[label].to_numpy().sum(), rel=1e-3)


def test_it_leaves_tensorboard_events_and_the_report(run: tuple[Path, pa.Table]) -> None:
    folder, _ = run
    names = sorted(file.name.split(".")[0] for file in (folder / "logs").iterdir())
    assert names == ["events", "training"]
    epochs = json.loads((folder / "logs/training.json").read_text())["epochs"]
    assert np.isfinite([epoch["stream_ap"] for epoch in epochs]).all()


def test_it_reports_how_much_each_expert_is_used(run: tuple[Path, pa.Table]) -> None:
    folder, _ = run
    report = json.loads((folder / "logs/training.json").read_text())
    assert [use["expert"] for use in report["experts"]] == ["expert_0", "expert_1"]
    gates = {f"gate_{head}" for head in SPEC.recipe.heads}
    for gate in gates:
        assert sum(use["weights"][gate] for use in report["experts"]) == pytest.approx(1.0)
    written = scalars(folder / "logs")
    (chosen,) = {step for tag, step in written if tag.startswith("experts/")}
    assert chosen == report["chosen_epoch"]
    assert {tag for tag, _ in written if tag.endswith("expert_1")} == {
        "experts/zeros/expert_1",
        *(f"experts/weight/{gate}/expert_1" for gate in gates),
    }


def test_it_starts_from_the_model_that_it_is_given(run: tuple[Path, pa.Table], tmp_path: Path) -> None:
    folder, _ = run
    slow = SPEC.trainer.model_copy(update={"learning_rate": 1e-12, "epochs": 1})
    still = SPEC.recipe.model_copy(update={"encoder": MmoeConfig(experts=2, units=(16,), batch_norm_momentum=0.999999)})
    spec = SPEC.model_copy(update={"trainer": slow, "recipe": still})
    report = trained(folder, tmp_path, str(folder / "model"), spec)
    assert report["started_from"]["fresh"] == []
    assert sum(report["started_from"]["fresh_rows"].values()) == 0
    # Neither weights nor batch norm's statistics move, so the first epoch is as good as the model it started from.
    first = json.loads((folder / "logs" / "training.json").read_text())
    chosen = first["epochs"][first["chosen_epoch"] - 1]
    assert report["epochs"][0]["stream_ap"] == pytest.approx(chosen["stream_ap"], rel=1e-3)
    # It starts from the logits before calibration: the same fit again, not the fit of calibrated logits (bias 0).
    for head, calibration in first["calibrations"].items():
        assert report["calibrations"][head]["scale"] == pytest.approx(calibration["scale"], rel=1e-3)
        assert report["calibrations"][head]["bias"] == pytest.approx(calibration["bias"], rel=1e-2, abs=1e-3)
    assert (tmp_path / "model" / "assets.extra" / "coldcast_weights.npz").exists()


def test_a_base_model_that_is_none_of_this_project_is_an_error_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="is not a model that training can start from"):
        trained(tmp_path / "nothing", tmp_path, str(tmp_path / "other"))
