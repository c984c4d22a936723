"""A really exported model: Transform graph, trained variables and all, asked in C++ and over gRPC."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf

from models.calibration import Calibration
from models.config import ModelConfig
from models.export.savedmodel import export
from models.network import build_model
from serving.client import Client
from serving.client.inputs import candidate_inputs
from serving.config import ServingConfig
from serving.errors import BadRequestError
from serving.loadcheck.native import answers
from serving.savedmodel.static import findings
from serving.server import Server
from tests.labelled_rows import random_labelled
from tests.models.prepared import RECIPES
from tests.transforms.analysis import analyse
from transforms.config import FeaturesConfig
from transforms.examples import to_examples
from transforms.features import FEATURES
from transforms.packed import packed_layout
from transforms.raw_to_packed import RawToPacked

ROWS = 200
JOINT = RECIPES["joint"]
INPUTS = ModelConfig(numeric_bins=16, numeric_width=4, id_dropout=0.2, history_pooling="attention")
"""All kinds of inputs, so that all of their operations are served."""
CALIBRATIONS = {head: Calibration(0.5 + 0.25 * number, -0.2) for number, head in enumerate(JOINT.heads)}


class Exported(NamedTuple):
    """A version directory, the rows it was made from, and the model's own probabilities of them."""

    path: Path
    labelled: pa.Table
    examples: list[bytes]
    offline: dict[str, np.ndarray]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    folder = tmp_path_factory.mktemp("exported")
    labelled = random_labelled(ROWS, seed=3)
    graph = analyse(labelled, FeaturesConfig(vocabulary_min_count=5), folder / "analysis")
    columns = packed_layout(graph, FEATURES)
    keras.utils.set_random_seed(0)
    model = build_model(columns, JOINT, INPUTS)
    path = folder / "models" / "1"
    export(model, graph, columns, FEATURES, CALIBRATIONS, str(path))
    examples = to_examples(labelled).tolist()
    logits = model(RawToPacked(graph, columns, FEATURES).from_examples(tf.constant(examples)), training=False)
    offline = {
        head: tf.sigmoid(calibration.scale * logits[head] + calibration.bias).numpy()
        for head, calibration in CALIBRATIONS.items()
    }
    return Exported(path, labelled, examples, offline)


@pytest.fixture(scope="module")
def client(exported: Exported) -> Iterator[Client]:
    config = ServingConfig(port=0, settle_seconds=0.05, timeout_seconds=60)
    with Server(config, exported.path.parent) as server, Client(server.config) as connected:
        yield connected


def _one_user(exported: Exported, row: int) -> tuple[dict, dict]:
    """The request and the only candidate of a row."""
    values = exported.labelled.slice(row, 1).to_pylist()[0]
    request = {feature.name: values[feature.name] for feature in FEATURES if feature.per == "request"}
    candidates = {feature.name: [values[feature.name]] for feature in FEATURES if feature.per == "candidate"}
    return request, candidates


def test_it_has_no_findings(exported: Exported) -> None:
    assert findings(str(exported.path)) == []


def test_scores_over_grpc_are_the_offline_scores(exported: Exported, client: Client) -> None:
    served = client.score_examples(exported.examples)
    assert sorted(served) == sorted(JOINT.heads)
    for head, scores in served.items():
        assert scores.shape == (ROWS,)
        np.testing.assert_allclose(scores, exported.offline[head], rtol=0, atol=1e-6)
    assert max(np.ptp(scores) for scores in served.values()) > 1e-3, "the scores must tell rows apart"


def test_one_user_and_candidates_score_as_their_examples(exported: Exported, client: Client) -> None:
    for row in range(0, ROWS, 20):
        served = client.score_candidates(*_one_user(exported, row))
        for head, scores in served.items():
            np.testing.assert_allclose(scores, exported.offline[head][row : row + 1], rtol=0, atol=1e-6)


def test_many_candidates_of_one_user_score_as_each_alone(exported: Exported, client: Client) -> None:
    request, _ = _one_user(exported, 0)
    rows = [_one_user(exported, row)[1] for row in range(20)]
    together = client.score_candidates(request, {name: [row[name][0] for row in rows] for name in rows[0]})
    for number, row in enumerate(rows):
        alone = client.score_candidates(request, row)
        for head, scores in together.items():
            np.testing.assert_allclose(scores[number], alone[head][0], rtol=0, atol=1e-6)


def test_nothing_known_still_scores(client: Client) -> None:
    served = client.score_candidates({}, {"show_id": [None] * 3})
    assert all(scores.shape == (3,) and np.isfinite(scores).all() for scores in served.values())


def test_no_candidates_have_no_scores(client: Client) -> None:
    served = client.score_candidates({"market": "SE"}, {"show_id": []})
    assert sorted(served) == sorted(JOINT.heads)
    assert all(scores.shape == (0,) for scores in served.values())


def test_lengths_that_do_not_fit_are_invalid_arguments(client: Client) -> None:
    signature = client.metadata().signatures["score_candidates"]
    inputs = candidate_inputs(signature, {}, {"show_id": ["a", "b"]})
    for name in ("market", "genres"):
        wrong = {**inputs, name: np.full((3, *inputs[name].shape[1:]), b"x", object)}
        with pytest.raises(BadRequestError, match="INVALID_ARGUMENT"):
            client.predict("score_candidates", wrong)


def test_it_answers_in_cpp_with_the_offline_scores(exported: Exported, client: Client) -> None:
    signature = client.metadata().signatures["score_candidates"]
    candidates = candidate_inputs(signature, *_one_user(exported, 7))
    by_example, by_candidate = answers(
        exported.path,
        [("serving_default", {"examples": np.array(exported.examples, object)}), ("score_candidates", candidates)],
    )
    for head in JOINT.heads:
        np.testing.assert_allclose(by_example[head], exported.offline[head], rtol=0, atol=1e-6)
        np.testing.assert_allclose(by_candidate[head], exported.offline[head][7:8], rtol=0, atol=1e-6)
