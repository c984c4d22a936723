"""With any choice of features, a model gives N scores for one user and N candidates, and answers its warm-up."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2
from tensorflow_transform.output_wrapper import TFTransformOutput

from models.calibration import IDENTITY
from models.config import ModelConfig
from models.encoders.config import DenseConfig
from models.export.savedmodel import export
from models.network import build_model
from models.signatures import WARMUP_FILE
from tests.labelled_rows import random_labelled
from tests.models.prepared import RECIPES
from tests.transforms.analysis import analyse
from tests.transforms.dense_rows import one_request
from transforms.config import GROUPS, FeaturesConfig
from transforms.feature import Feature
from transforms.features import FEATURES, of_groups
from transforms.packed import packed_layout

RECIPE = RECIPES["promotion_stream_only"].model_copy(update={"encoder": DenseConfig(units=(4,))})
SIZES = ModelConfig(embedding_dim=2, tower_units=())
LABELLED = random_labelled(70, seed=2)
REQUEST = tuple(feature for feature in FEATURES if feature.per == "request")
CANDIDATE = tuple(feature for feature in FEATURES if feature.per == "candidate")


def choices() -> dict[str, tuple[Feature, ...]]:
    """Every choice of groups, and of one packed tensor of the candidates, that differs in what the model is given.

    Two choices are the same to a model if the request and the candidates have ids and floats in both or in neither.
    """
    chosen = {
        "+".join(groups): of_groups(FEATURES, groups)
        for count in range(1, len(GROUPS) + 1)
        for groups in combinations(GROUPS, count)
    }
    for packed in ("ids", "floats"):
        of_candidates = tuple(feature for feature in CANDIDATE if feature.storage.packed == packed)
        chosen[f"candidates' {packed} alone"] = of_candidates
        chosen[f"all of the request and candidates' {packed}"] = (*REQUEST, *of_candidates)
    kinds: dict[frozenset, str] = {}
    for name, features in chosen.items():
        if {*features} & {*CANDIDATE}:
            kinds.setdefault(frozenset((feature.per, feature.storage.packed) for feature in features), name)
    return {name: chosen[name] for name in kinds.values()}


CHOICES = choices()


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> TFTransformOutput:
    return analyse(LABELLED, FeaturesConfig(), tmp_path_factory.mktemp("graph"))


@pytest.mark.parametrize("name", CHOICES)
def test_n_candidates_get_n_scores(name: str, graph: TFTransformOutput, tmp_path: Path) -> None:
    features: tuple[Feature, ...] = CHOICES[name]
    layout = packed_layout(graph, features)
    model = build_model(layout, RECIPE, SIZES)
    export(model, graph, layout, features, dict.fromkeys(RECIPE.heads, IDENTITY), str(tmp_path / "model"))
    signatures = tf.saved_model.load(str(tmp_path / "model")).signatures

    request = one_request(LABELLED, features)
    scores = signatures["score_candidates"](**{key: tf.constant(value) for key, value in request.items()})
    assert scores["promotion_stream"].shape == (70,)
    assert np.ptp(scores["promotion_stream"]) > 0  # candidates differ

    answered = 0
    for record in tf.data.TFRecordDataset(str(tmp_path / "model" / WARMUP_FILE)).as_numpy_iterator():
        warmup = prediction_log_pb2.PredictionLog.FromString(record).predict_log.request
        inputs = {key: tf.constant(tf.make_ndarray(tensor)) for key, tensor in warmup.inputs.items()}
        result = signatures[warmup.model_spec.signature_name](**inputs)
        candidates = [value.shape[0] for key, value in inputs.items() if key not in {f.name for f in REQUEST}]
        assert result["promotion_stream"].shape == (max(candidates),)
        answered += 1
    assert answered == 4
