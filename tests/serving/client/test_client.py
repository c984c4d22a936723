"""The typed client: values in, arrays out, errors in words."""

from pathlib import Path

import numpy as np
import pytest

from serving.client import Client
from serving.client.inputs import candidate_inputs
from serving.client.types import TensorInfo
from serving.config import ServingConfig
from serving.errors import (
    BadRequestError,
    ServingError,
    UnknownModelError,
)
from serving.server import Server
from tests.serving.client.some_candidates import AD_STREAM, CANDIDATES, REQUEST
from tests.serving.toy_models import example, expected, save_half_precision


def test_examples_and_candidates_score_alike(client: Client) -> None:
    scores = client.score_candidates(REQUEST, CANDIDATES)
    assert sorted(scores) == ["ad_stream", "click"]
    assert scores["ad_stream"].dtype == np.float32
    assert scores["ad_stream"].tolist() == AD_STREAM
    rows = [
        example(age=1.5, product="premium", show_id="abc", genres=["a", "b"], embedding=[1.0, 2.0]),
        example(age=1.5, product="premium"),
    ]
    assert client.score_examples(rows)["ad_stream"].tolist() == AD_STREAM


def test_what_is_none_or_not_given_is_missing(client: Client) -> None:
    missing = expected(1.0, age=0.0, known=-1, length=1, vector=0.0, kinds=0)
    for request, candidates in (({}, {}), ({"age": None, "product": None}, {"genres": [None], "embedding": [None]})):
        scores = client.score_candidates(request, {"show_id": ["a"], **candidates})
        assert scores["ad_stream"].tolist() == [missing]


def test_a_thousand_candidates_come_back_in_order(client: Client) -> None:
    shows = ["x" * (number % 7) for number in range(1000)]
    scores = client.score_candidates({"product": "free"}, {"show_id": shows})["ad_stream"]
    assert scores.tolist() == [1.0 + 100.0 * len(show) for show in shows]


def test_status_metadata_and_health(client: Client) -> None:
    (status,) = client.status()
    assert (status.version, status.state, status.error) == (1, "AVAILABLE", "")
    metadata = client.metadata()
    assert metadata.version == 1
    assert sorted(metadata.signatures) == ["score_candidates", "serving_default"]
    assert metadata.signatures["score_candidates"].inputs["embedding"] == TensorInfo("float", (-1, 2))
    assert client.healthy()


def test_output_filter(client: Client) -> None:
    examples = {"examples": np.array([example()], object)}
    assert list(client.predict("serving_default", examples, ["click"])) == ["click"]


def test_no_candidates_have_no_scores(client: Client) -> None:
    for scores in client.score_candidates(REQUEST, {"show_id": []}).values():
        assert (scores.shape, scores.dtype) == ((0,), np.float32)


@pytest.mark.parametrize(
    "product",
    [np.array(["premium"]), np.array([b"premium"]), np.array(["premium"], object), np.array([b"premium"], object)],
)
def test_strings_of_numpy_and_of_python_are_sent_as_utf8(client: Client, product: np.ndarray) -> None:
    signature = client.metadata().signatures["score_candidates"]
    inputs = candidate_inputs(signature, REQUEST, CANDIDATES)
    assert client.predict("score_candidates", {**inputs, "product": product})["ad_stream"].tolist() == AD_STREAM
    umlauts = client.predict(
        "score_candidates", {**inputs, "show_id": np.array(["\u00e4\u00e4\u00e4", ""])}
    )  # bytes count
    assert umlauts["ad_stream"].tolist() == [AD_STREAM[0] + 300.0, AD_STREAM[1]]


def test_an_output_that_cannot_be_read_is_an_error_in_words(config: ServingConfig, model_dir: Path) -> None:
    save_half_precision(model_dir / "1")
    with Server(config, model_dir) as server, Client(server.config) as client:
        x = {"x": np.ones(1, np.float32)}
        with pytest.raises(ServingError, match=r"'half' has TensorFlow's type number 19, .* output_filter"):
            client.predict("serving_default", x)
        assert client.predict("serving_default", x, ["y"])["y"].tolist() == [2.0]


def test_a_number_that_is_no_version_is_refused() -> None:
    with pytest.raises(ServingError, match="9223372036854775808 is not a version"):
        Client(ServingConfig(), version=2**63)


def test_unknown_model_version_and_signature(server: Server, client: Client) -> None:
    unknown = pytest.raises(UnknownModelError, match=r"NOT_FOUND: Servable not found for request: Latest\(other\)")
    with Client(server.config.model_copy(update={"model_name": "other"})) as other, unknown:
        other.score_candidates(REQUEST, CANDIDATES)
    with Client(server.config, version=9) as other, pytest.raises(UnknownModelError, match="version 9 of model toy"):
        other.status()
    with pytest.raises(UnknownModelError, match='FAILED_PRECONDITION: Serving signature key "other" not found'):
        client.predict("other", {})


def test_what_the_server_refuses_is_a_bad_request(client: Client) -> None:
    with pytest.raises(BadRequestError, match="INVALID_ARGUMENT"):
        client.score_examples([b"no example"])
