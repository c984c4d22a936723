"""The typed client: values in, arrays out, errors in words."""

import math
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pandas as pd
import pytest

from serving.client import Client
from serving.client.inputs import candidate_inputs
from serving.client.types import SignatureInfo, TensorInfo
from serving.config import ServingConfig
from serving.errors import (
    BadRequestError,
    ClosedError,
    DeadlineError,
    ServingError,
    UnknownModelError,
    UnreachableError,
)
from serving.server import Server
from tests.serving.conftest import wait_for
from tests.serving.toy_models import example, expected, save_half_precision
from transforms.feature import Feature
from transforms.features import FEATURES

REQUEST = {"age": 1.5, "product": "premium"}
CANDIDATES = {"show_id": ["abc", None], "genres": [["a", "b"], None], "embedding": [[1.0, 2.0], None]}
AD_STREAM = [
    expected(1.0, age=1.5, known=1, length=3, vector=3.0, kinds=2),
    expected(1.0, age=1.5, known=1, length=0, vector=0.0, kinds=0),
]


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


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (
            np.zeros(1, np.float16),
            "The input 'x' is a float16 array, which cannot be sent; give float32, float64, int32",
        ),
        (np.zeros(1, ">f4"), "'x' is a >f4 array"),
        (np.array([1.5], object), "'x' takes text, not 1.5"),
        (np.array(["\ud800"]), "'x' takes text, not"),
        ([1.5], "'x' takes a numpy array, not a list"),
    ],
)
def test_arrays_that_cannot_be_sent_are_refused_in_words(client: Client, array: np.ndarray, words: str) -> None:
    with pytest.raises(BadRequestError, match=words):
        client.predict("score_candidates", {"x": array})


@pytest.mark.parametrize(
    ("examples", "words"),
    [
        (["text"], "Example 0 is a str; give bytes"),
        ([example(), None], "Example 1 is a NoneType"),
        (example(age=1.5), "Give a list of serialized tf.Examples, also for a single one"),
        ("text", "Give a list of serialized"),
        (None, "in a list, not in a NoneType"),
        ({b"", b"a"}, "in a list, not in a set"),
    ],
    ids=["text", "nothing", "a single one", "a single text", "none", "a set"],
)
def test_examples_that_are_no_bytes_are_refused_in_words(client: Client, examples: list, words: str) -> None:
    with pytest.raises(BadRequestError, match=words):
        client.score_examples(examples)


def test_an_output_that_cannot_be_read_is_an_error_in_words(config: ServingConfig, model_dir: Path) -> None:
    save_half_precision(model_dir / "1")
    with Server(config, model_dir) as server, Client(server.config) as client:
        x = {"x": np.ones(1, np.float32)}
        with pytest.raises(ServingError, match=r"'half' has TensorFlow's type number 19, .* output_filter"):
            client.predict("serving_default", x)
        assert client.predict("serving_default", x, ["y"])["y"].tolist() == [2.0]


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with pytest.raises(UnreachableError, match=r"No server answers at 127.0.0.1:1 within 0.2 s"):
        Client(ServingConfig(port=1, timeout_seconds=0.2))


def test_a_server_that_goes_away_is_unreachable(server: Server, client: Client) -> None:
    server.stop()
    with pytest.raises(UnreachableError, match="UNAVAILABLE"):
        client.status()


def test_a_server_that_came_back_is_found_again(
    config: ServingConfig, server: Server, client: Client, model_dir: Path
) -> None:
    server.stop()
    with pytest.raises(UnreachableError):
        client.healthy()
    with Server(config.model_copy(update={"port": server.port}), model_dir):
        wait_for(lambda: _healthy(client))


def _healthy(client: Client) -> bool:
    try:
        return client.healthy()
    except UnreachableError:
        return False


def test_a_server_that_does_not_answer_in_time_is_told_from_one_that_is_not_there() -> None:
    silent, over = grpc.server(ThreadPoolExecutor(1)), threading.Event()
    port = silent.add_insecure_port("127.0.0.1:0")
    waits = grpc.unary_unary_rpc_method_handler(lambda *_: over.wait(60))
    silent.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("tensorflow.serving.ModelService", {"GetModelStatus": waits}),)
    )
    silent.start()
    try:
        with (
            Client(ServingConfig(port=port, timeout_seconds=2.0)) as client,  # which connects within that time, too
            pytest.raises(DeadlineError, match="DEADLINE_EXCEEDED"),
        ):
            client.status()
    finally:
        over.set()
        silent.stop(None)
    assert issubclass(DeadlineError, UnreachableError)


def test_a_closed_client_says_so(server: Server) -> None:
    client = Client(server.config)
    client.close()
    asks = (client.status, client.metadata, client.healthy, lambda: client.score_examples([example()]))
    for ask in asks:
        with pytest.raises(ClosedError, match=r"This client is closed; call it within its `with` block"):
            ask()


def test_a_number_that_is_no_version_is_refused() -> None:
    with pytest.raises(ServingError, match="9223372036854775808 is not a version"):
        Client(ServingConfig(), version=2**63)


def test_a_url_is_no_host() -> None:
    with pytest.raises(ValueError, match=r"'http://models\.example/' is a URL; give the host alone, 'models\.example'"):
        ServingConfig(host="http://models.example/")


def test_what_pandas_has_for_missing_is_missing() -> None:
    inputs = {
        "show_id": TensorInfo("string", (-1,)),
        "genres": TensorInfo("string", (-1, 2)),
        "embedding": TensorInfo("float", (-1, 1)),
        "x": TensorInfo("float", (-1,)),
    }
    missing = [math.nan, np.float32(math.nan), pd.NA, pd.NaT, None]
    arrays = candidate_inputs(SignatureInfo(inputs, {}), {}, dict.fromkeys(inputs, missing))
    assert arrays["show_id"].tolist() == [b""] * 5
    assert arrays["genres"].tolist() == [[b"", b""]] * 5
    assert np.isnan(arrays["embedding"]).tolist() == [[True]] * 5
    assert np.isnan(arrays["x"]).tolist() == [True] * 5


def test_a_filter_that_is_a_single_name_is_refused_in_words(client: Client) -> None:
    examples = {"examples": np.array([example()], object)}
    with pytest.raises(BadRequestError, match="output_filter takes a list of output names, not 'click'"):
        client.predict("serving_default", examples, "click")


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


@pytest.mark.parametrize(
    ("request_", "candidates", "words"),
    [
        ({"agee": 1.0}, {"show_id": ["a"]}, "request has no feature 'agee'; it takes age, product"),
        ({"show_id": "a"}, {"show_id": ["a"]}, "request has no feature 'show_id'"),
        ({}, {"age": [1.0]}, "candidates has no feature 'age'; it takes embedding, genres, show_id"),
        ({}, {}, "no candidates"),
        ({}, {"show_id": ["a"], "genres": [["a"], ["b"]]}, "differ in length.*show_id 1, genres 2"),
        ({"age": "old"}, {"show_id": ["a"]}, "'age' takes a number, not 'old'"),
        ({"product": 1}, {"show_id": ["a"]}, "'product' takes text, not 1"),
        ({}, {"genres": ["comedy"]}, "'genres' takes a list for each value, not 'comedy'"),
        ({}, {"embedding": [[1.0, 2.0, 3.0]]}, "'embedding' takes 2 numbers, but a value has 3"),
        ({}, {"show_id": "abc"}, "'show_id' takes a list with one value for each candidate, not 'abc'"),
        ({}, {"show_id": 7}, "'show_id' takes a list with one value for each candidate, not 7"),
        ({"product": "\ud800"}, {"show_id": ["a"]}, "'product' takes text, not"),
        ({"age": 1j}, {"show_id": ["a"]}, "'age' takes a number, not 1j"),
        ({"age": 10**5000}, {"show_id": ["a"]}, "'age' takes numbers up to 3.4e38, the greatest that float32 holds"),
        ({"age": -1e300}, {"show_id": ["a"]}, "'age' takes numbers up to 3.4e38"),
        ({"age": Decimal("1e400")}, {"show_id": ["a"]}, "'age' takes numbers up to 3.4e38"),
        ({"age": np.datetime64("2024-01-01")}, {"show_id": ["a"]}, r"'age' takes a number, not (numpy|np)\.datetime64"),
        ({"age": np.timedelta64(3, "s")}, {"show_id": ["a"]}, r"'age' takes a number, not (numpy|np)\.timedelta64"),
        ({"age": np.array(3.0)}, {"show_id": ["a"]}, "'age' takes a number, not array"),
        ({}, {"embedding": [[1.0, 1e39]]}, "'embedding' takes numbers up to 3.4e38"),
        ({}, {"embedding": [np.array(3.0)]}, "'embedding' takes a list for each value, not array"),
        ({}, {"genres": [{"a", "b"}]}, "'genres' takes a list for each value, not {"),
        ({}, {"show_id": np.array("a")}, "'show_id' takes a list with one value for each candidate, not array"),
        ({}, {"show_id": {"a"}}, "'show_id' takes a list with one value for each candidate, not {'a'}"),
        ({}, {"show_id": {"a": 1}.keys()}, "'show_id' takes a list with one value for each candidate, not dict_keys"),
        ({}, {"show_id": {"a": "b"}}, "'show_id' takes a list with one value for each candidate, not {'a': 'b'}"),
        ({}, {"show_id": pd.DataFrame({"a": ["b"]})}, "'show_id' takes a list with one value for each candidate"),
        (None, {"show_id": ["a"]}, "request takes a dict with a value for each feature, not a NoneType"),
        ({}, None, "candidates takes a dict with a list for each feature, not a NoneType"),
        ({}, pd.Series([["a"]]), "candidates takes a dict with a list for each feature, not a Series"),
        ({}, ["a"], "candidates takes a dict with a list for each feature, not a list"),
        ({}, [{"show_id": "a"}], "candidates is a list with a dict for each candidate; give a dict with a list"),
    ],
)
def test_values_that_do_not_fit_are_refused_in_words(
    client: Client, request_: dict, candidates: dict, words: str
) -> None:
    with pytest.raises(BadRequestError, match=words):
        client.score_candidates(request_, candidates)


@pytest.mark.parametrize(
    "column", [("a", "b"), deque(["a", "b"]), np.array(["a", "b"]), pd.Series(["a", "b"], index=[7, 3])]
)
def test_columns_of_any_ordered_kind_are_taken(column: Any) -> None:
    signature = SignatureInfo({"show_id": TensorInfo("string", (-1,))}, {})
    for candidates in ({"show_id": column}, pd.DataFrame({"show_id": list(column)})):
        assert candidate_inputs(signature, {}, candidates)["show_id"].tolist() == [b"a", b"b"]


def test_numbers_of_any_kind_are_taken() -> None:
    greatest = float(np.finfo(np.float32).max)
    values = [True, np.int64(2), Decimal("0.5"), np.float16(3), greatest, math.inf, -math.inf, np.float32(math.inf)]
    arrays = candidate_inputs(SignatureInfo({"x": TensorInfo("float", (-1,))}, {}), {}, {"x": [*values, math.nan]})
    assert arrays["x"].tolist()[:-1] == [float(value) for value in values]
    assert math.isnan(arrays["x"][-1])


def _lengths(request: dict, candidates: dict, table: tuple[Feature, ...] = FEATURES) -> dict[str, int]:
    names = ("market", "show_id", "plan", "mood")
    signature = SignatureInfo({name: TensorInfo("string", (-1,)) for name in names}, {})
    arrays = candidate_inputs(signature, request, candidates, table)
    return {name: len(array) for name, array in arrays.items()}


def test_a_feature_that_the_table_lacks_is_on_the_side_where_the_caller_gives_it() -> None:
    shows = {"show_id": ["a", "b"]}
    assert _lengths({"plan": "x"}, shows) == {"market": 1, "show_id": 2, "plan": 1, "mood": 2}
    assert _lengths({}, {**shows, "plan": ["x", "y"]}) == {"market": 1, "show_id": 2, "plan": 2, "mood": 2}
    with pytest.raises(BadRequestError, match=r"candidates has no feature 'plan'; it takes mood, show_id\.$"):
        _lengths({"plan": "x"}, {**shows, "plan": ["x", "y"]})


def test_a_built_in_feature_that_the_callers_table_lacks_keeps_its_side() -> None:
    own = Feature(name="mood", group="context", kind="category", column="impressions.mood", per="request")
    lengths = _lengths({"mood": "calm"}, {"show_id": ["a", "b"]}, (own,))
    assert lengths == {"market": 1, "show_id": 2, "plan": 2, "mood": 1}
    with pytest.raises(BadRequestError, match=r"request has no feature 'show_id'; it takes market, mood\.$"):
        _lengths({"show_id": "x"}, {"show_id": ["a"]}, (own,))


def test_what_the_server_refuses_after_a_guess_comes_with_the_remedy(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = client.metadata().signatures["score_candidates"].inputs
    without_lengths = {name: TensorInfo(info.dtype, (-1, *info.shape[1:])) for name, info in inputs.items()}
    monkeypatch.setattr(client, "_known_signature", lambda *_, **__: SignatureInfo(without_lengths, {}))
    with pytest.raises(
        BadRequestError,
        match=r"expected, -1 any size\. The client sent age, embedding with .*features=config\.feature_table",
    ):
        client.score_candidates({}, {"show_id": ["a", "b"]})


def test_several_values_are_padded_and_cut_to_the_width_of_the_signature() -> None:
    inputs = {
        "kinds": TensorInfo("string", (-1, 2)),
        "any": TensorInfo("string", (-1, -1)),
        "x": TensorInfo("float", (-1,)),
    }
    candidates = {"kinds": [["a", "b", "c"], ["d"], None], "any": [["a", "b", "c"], [], ["d", None]]}
    arrays = candidate_inputs(SignatureInfo(inputs, {}), {}, candidates)
    assert arrays["kinds"].tolist() == [[b"a", b"b"], [b"d", b""], [b"", b""]]
    assert arrays["any"].tolist() == [[b"a", b"b", b"c"], [b"", b"", b""], [b"d", b"", b""]]
    assert arrays["x"].dtype == np.float32
    assert all(math.isnan(value) for value in arrays["x"])


def test_the_feature_table_says_what_is_of_the_request() -> None:
    inputs = {name: TensorInfo("string", (-1,)) for name in ("market", "show_id", "mood")}
    mood = Feature(name="mood", group="context", kind="category", column="impressions.mood", per="request")
    arrays = candidate_inputs(SignatureInfo(inputs, {}), {}, {"show_id": ["a", "b"]}, (*FEATURES, mood))
    assert {name: len(array) for name, array in arrays.items()} == {"market": 1, "show_id": 2, "mood": 1}
