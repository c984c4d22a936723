"""Values become the arrays of a signature, each feature on its side: of the request or of the candidates."""

import math
from collections import deque
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from serving.client import Client
from serving.client.inputs import candidate_inputs
from serving.client.types import SignatureInfo, TensorInfo
from serving.errors import (
    BadRequestError,
)
from transforms.feature import Feature
from transforms.features import FEATURES


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
