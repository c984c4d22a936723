"""An exported ensemble, loaded by a Session, as TensorFlow Serving loads it."""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from models.calibration import Calibration
from models.config import ModelConfig
from models.encoders.config import TabmConfig
from models.export.savedmodel import export
from models.network import build_model, tower_name
from tests.labelled_rows import random_labelled
from tests.models.prepared import RECIPES
from tests.transforms.analysis import analyse
from transforms.config import FeaturesConfig
from transforms.examples import to_examples
from transforms.packed import packed_layout
from transforms.raw_to_packed import RawToPacked

CONFIG = FeaturesConfig(groups=("context", "content"))
RECIPE = RECIPES["joint"].model_copy(update={"encoder": TabmConfig(members=3, units=(16, 8))})


def test_it_serves_the_mean_of_its_members_probabilities(tmp_path: Path) -> None:
    features = CONFIG.chosen()
    labelled = random_labelled(120, seed=2, features=CONFIG.table())
    graph = analyse(labelled, CONFIG, tmp_path)
    layout = packed_layout(graph, features)
    model = build_model(layout, RECIPE, ModelConfig(tower_units=(8,)))
    calibration = Calibration(2.0, -0.5)
    export(model, graph, layout, features, {"click": Calibration(), "like": calibration}, str(tmp_path / "model"))

    packed = RawToPacked(graph, layout, features).from_examples(tf.constant(to_examples(labelled)))
    encoded = model.get_layer("encoder")(keras.Model(model.inputs, model.get_layer("features").output)(packed))
    means = {}
    for head in ("click", "like"):
        members = np.asarray(model.get_layer(tower_name(head))(encoded[head], training=True), np.float64)
        assert members.shape == (120, 3)
        means[head] = (1 / (1 + np.exp(-members))).mean(axis=1)
    odds = np.exp(2.0 * np.log(means["like"] / (1 - means["like"])) - 0.5)
    expected = {"click": means["click"], "like": odds / (1 + odds)}

    with tf.compat.v1.Session(graph=tf.Graph()) as session:
        signatures = tf.compat.v1.saved_model.load(session, ["serve"], str(tmp_path / "model")).signature_def
        signature = signatures["serving_default"]
        outputs = {head: output.name for head, output in signature.outputs.items()}
        scores = session.run(outputs, {signature.inputs["examples"].name: to_examples(labelled)})
    for head in expected:
        np.testing.assert_allclose(scores[head], expected[head], rtol=0, atol=1e-6)
