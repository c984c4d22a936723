"""Exported mixtures of experts, loaded and asked in C++: they score as offline, by example and by candidate."""

from pathlib import Path

import keras
import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf
from tensorflow_transform.output_wrapper import TFTransformOutput

from models.calibration import Calibration
from models.config import ModelConfig
from models.export.savedmodel import export
from models.network import build_model
from serving.loadcheck.native import answers
from serving.savedmodel.static import findings
from tests.labelled_rows import random_labelled
from tests.models.prepared import RECIPES
from tests.transforms.analysis import analyse
from tests.transforms.dense_rows import one_request, with_request_of_first_row
from transforms.config import FeaturesConfig
from transforms.examples import to_examples
from transforms.packed import packed_layout
from transforms.raw_to_packed import RawToPacked

CONFIG = FeaturesConfig(groups=("context", "content"))
FEATURES = CONFIG.chosen()
CANDIDATES = 100


@pytest.fixture(scope="module")
def transformed(tmp_path_factory: pytest.TempPathFactory) -> tuple[pa.Table, TFTransformOutput]:
    labelled = random_labelled(CANDIDATES, seed=2, features=CONFIG.table())
    return labelled, analyse(labelled, CONFIG, tmp_path_factory.mktemp("analysis"))


@pytest.mark.parametrize("recipe", ["joint_mmoe", "joint_ple"])
def test_one_user_and_many_candidates_score_in_cpp_as_offline(
    transformed: tuple[pa.Table, TFTransformOutput], recipe: str, tmp_path: Path
) -> None:
    labelled, graph = transformed
    layout = packed_layout(graph, FEATURES)
    keras.utils.set_random_seed(0)
    model = build_model(layout, RECIPES[recipe], ModelConfig(embedding_dim=4))
    calibrations = {head: Calibration(1.5, -0.2) for head in RECIPES[recipe].heads}
    path = tmp_path / "model"
    export(model, graph, layout, FEATURES, calibrations, str(path))
    assert findings(str(path)) == []

    of_one_user = with_request_of_first_row(labelled, FEATURES)
    requests = [
        ("serving_default", {"examples": np.array(to_examples(labelled), object)}),
        ("score_candidates", one_request(labelled, FEATURES)),
    ]
    prepared = RawToPacked(graph, layout, FEATURES)
    for rows, served in zip((labelled, of_one_user), answers(path, requests), strict=True):
        logits = model(prepared.from_examples(tf.constant(to_examples(rows))), training=False)
        assert sorted(served) == sorted(calibrations)
        for head, scores in served.items():
            assert scores.shape == (CANDIDATES,)
            assert np.ptp(scores) > 1e-3, "the scores must tell candidates apart"
            np.testing.assert_allclose(scores, tf.sigmoid(1.5 * logits[head] - 0.2), rtol=0, atol=1e-6)
